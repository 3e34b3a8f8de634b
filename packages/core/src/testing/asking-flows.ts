import { z } from 'zod'
import type { CompositeTrackDefinition, OrchestratorDefinition, TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'
import type { SeededRandom } from './seeded-random.ts'

// Steps that ask. What each is to be answered with stands in what it asks for: so that who answers, and the reference model, know it
// without asking the runners.

/** Longer than any test takes. */
const longMs = 30 * 86_400_000
/** What nobody answers, nobody answers for that long. */
const shortMs = 30
const review = z.object({ n: z.number(), more: z.number().default(5) })

/** An answer that a step is given: of an object, `more` is added by its schema. */
export interface PlannedAnswer {
  readonly path: string
  readonly value: unknown
  /** What is given before, and refused. */
  readonly wrong?: unknown
}

/** A step that asks, in one of all ways. `unique`: for names of tracks inside. */
export function askingSteps(random: SeededRandom, id: string, unique: string): TrackTaskDefinition[] {
  return [random.pick([answered, answered, yes, no, nobody, nobody, askedWrongly, answersRace, againAfterAnswer, noTimeToAnswer])(random, id, unique)]
}

const asks = (id: string, approve: string, more: Partial<TrackTaskDefinition> = {}): TrackTaskDefinition => ({ taskName: approve, approve, id, timeoutMs: longMs, ...more })
const withNumber = (random: SeededRandom, id: string): TrackTaskDefinition => asks(id, `answer_${random.below(100)}`, { schema: review, ...(random.chance(0.5) && { input: (previous: unknown) => ({ shown: previous }) }) })

const answered = (random: SeededRandom, id: string): TrackTaskDefinition => ({ ...withNumber(random, id), ...(random.chance(0.2) && { when: () => false }) })
const yes = (_random: SeededRandom, id: string): TrackTaskDefinition => asks(id, 'answer_yes')
const no = (_random: SeededRandom, id: string): TrackTaskDefinition => asks(id, 'answer_no')
const nobody = (random: SeededRandom, id: string): TrackTaskDefinition => asks(id, 'answer_none', { schema: review, timeoutMs: shortMs, onTimeout: random.pick(['fail', 'skip', 'skip', { fallback: { n: random.below(100), more: 1 } }, { fallback: { n: 3, more: 2 } }] as const) })
/** What it shows cannot be made: it never asks. */
const askedWrongly = (random: SeededRandom, id: string): TrackTaskDefinition => ({
  ...withNumber(random, id),
  input: () => {
    throw new Error('nothing to show')
  },
})

/** One sub-track whose answer comes, or none; beside one that fails, and one that nobody answers in time for it to matter. */
function answersRace(random: SeededRandom, id: string, unique: string): TrackTaskDefinition {
  const isLost = random.chance(0.25)
  const sub = (name: string, ...tasks: TrackTaskDefinition[]): TrackDefinition => ({ name: `${unique}${name}`, tasks })
  const lost = [sub('Fails1', asks('refused', 'answer_no')), sub('Fails2', asks('late', 'answer_none', { timeoutMs: shortMs }))]
  const won = [sub('Fails1', asks('late', 'answer_none', { timeoutMs: shortMs })), sub('Wins', withNumber(random, 'first')), sub('Waits', asks('never', 'answer_none'), { taskName: 'suite_add', inputMapper: () => ({ n: 1_000 }) })]
  const track: CompositeTrackDefinition = { name: `${unique}Race`, type: 'composite', mode: 'race', tasks: [], subTracks: random.shuffle(isLost ? lost : won) }
  return { taskName: track.name, id, track, onError: random.pick(['continue', 'halt']) }
}

/** A track that is walked twice, and asks once. */
function againAfterAnswer(random: SeededRandom, id: string, unique: string): TrackTaskDefinition {
  const input = { failures: 9, how: random.pick(['unknown', 'provider']) }
  const fails: TrackTaskDefinition = { taskName: 'suite_fail', id: 'fails', inputMapper: () => input }
  const track: TrackDefinition = { name: `${unique}Again`, retry: { maxAttempts: 2, minDelayMs: 1, maxDelayMs: 2 }, tasks: [withNumber(random, 'once'), fails] }
  return { taskName: track.name, id, track, onError: random.pick(['continue', { fallback: { n: random.below(9) } }, 'halt'] as const) }
}

/** A track whose own time is over before anybody answers. */
function noTimeToAnswer(random: SeededRandom, id: string, unique: string): TrackTaskDefinition {
  const track: TrackDefinition = { name: `${unique}InTime`, timeoutMs: shortMs, tasks: [asks('slow', 'answer_none', { onTimeout: random.pick(['fail', 'skip'] as const) })] }
  return { taskName: track.name, id, track, onError: random.pick(['continue', 'halt']) }
}

/** What a step that asks is answered with: nothing, where nobody answers. */
export function answerTo({ approve = '' }: TrackTaskDefinition): unknown {
  const said = approve.slice('answer_'.length)
  if (said === 'none') return undefined
  return said === 'yes' || said === 'no' ? said === 'yes' : { n: Number(said) }
}

/** All answers that steps of the orchestrator may be given, wherever they stand. */
export function answersOf({ name, tracks }: OrchestratorDefinition): PlannedAnswer[] {
  return tracks.flatMap((track) => answersIn(track, `${name}/${track.name}`))
}

function answersIn(track: TrackDefinition, path: string): PlannedAnswer[] {
  const inside = 'subTracks' in track ? (track as CompositeTrackDefinition).subTracks.flatMap((sub) => answersIn(sub, `${path}/${sub.name}`)) : []
  return [...track.tasks.flatMap((step) => answersAt(step, `${path}/${step.id ?? step.taskName}`)), ...inside]
}

function answersAt(step: TrackTaskDefinition, path: string): PlannedAnswer[] {
  if (step.track) return answersIn(step.track, path)
  const value = step.approve === undefined ? undefined : answerTo(step)
  if (value === undefined) return []
  return [{ path, value, ...(typeof value === 'object' && (value as { n: number }).n % 3 === 0 && { wrong: { n: 'three' } }) }]
}
