import type { OrchestratorDefinition, TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'
import { askingSteps } from './asking-flows.ts'
import { oddNames, oddSteps } from './odd-flows.ts'
import { createSeededRandom, type SeededRandom } from './seeded-random.ts'

const most = { tracks: 12, steps: 4, items: 4 } as const

/**
 * An orchestrator over `suiteTasks`, the same in every process for one seed: up to twelve tracks with random edges, steps that fail
 * or recover, are skipped, run for each item or fan out; with fallbacks, both failure policies, and with or without a final task.
 * Every number in it is made of numbers that came before, so that a value which took a wrong turn shows in the output.
 */
export function randomOrchestrator(seed: number): OrchestratorDefinition {
  return makeOrchestrator(`Random${seed}`, seed, (random, name, index) => randomTrack(random, `${name}Track${index}`, (step) => randomSteps(random, `s${step}`)))
}

/** As `randomOrchestrator`, with names that every object has, mappers and handlers that change what they are given, steps that wait, races, and steps that repeat. */
export function randomOddOrchestrator(seed: number): OrchestratorDefinition {
  return makeOrchestrator(`Random${seed}`, seed, (random, _name, index) => {
    const [...ids] = random.shuffle(oddNames)
    return randomTrack(random, oddNames[index]!, (step) => (random.chance(0.4) ? oddSteps(random, ids[step]!, `${index}-${step}`) : randomSteps(random, ids[step]!)))
  })
}

/** As `randomOrchestrator`, with steps that ask: answered by `answersOf`, or by nobody; in races, in tracks that are walked again, and in such as have no time. */
export function randomAskingOrchestrator(seed: number): OrchestratorDefinition {
  return makeOrchestrator(`Asking${seed}`, seed, (random, name, index) => randomTrack(random, `${name}Track${index}`, (step) => (random.chance(0.5) ? askingSteps(random, `s${step}`, `${name}Step${index}${step}`) : randomSteps(random, `s${step}`))))
}

function makeOrchestrator(name: string, seed: number, trackOf: (random: SeededRandom, name: string, index: number) => TrackDefinition): OrchestratorDefinition {
  const random = createSeededRandom(seed)
  const tracks = Array.from({ length: 1 + random.below(most.tracks) }, (_, index) => trackOf(random, name, index))
  const density = random.pick([0.1, 0.25, 0.5])
  const trackDependencies: Record<string, string[]> = {}
  const trackInputMappings: Record<string, (outputs: unknown, original: { start: number }) => unknown> = {}
  for (const [index, track] of tracks.entries()) {
    const earlier = tracks.slice(0, index).filter(() => random.chance(density))
    if (earlier.length > 0) trackDependencies[track.name] = random.shuffle(earlier.map((dependency) => dependency.name))
    if (random.chance(0.03)) {
      trackInputMappings[track.name] = () => {
        throw new Error('no way to map this')
      }
    } else if (random.chance(0.3)) trackInputMappings[track.name] = (outputs, { start }) => ({ mapped: digest(outputs), start })
  }
  return {
    name,
    // Edges may point up or down in the list.
    tracks: random.shuffle(tracks),
    trackDependencies,
    trackInputMappings,
    onTrackFailure: random.pick(['halt', 'continue']),
    ...(random.chance(0.5) && { finalTask: randomFinalTask(random) }),
  }
}

function randomTrack(random: SeededRandom, name: string, stepsOf: (index: number) => TrackTaskDefinition[]): TrackDefinition {
  const tasks = Array.from({ length: 1 + random.below(most.steps) }, (_, index) => stepsOf(index)).flat()
  return { name, tasks }
}

/** Mostly one step; a list, and a step for each item of it. */
function randomSteps(random: SeededRandom, id: string): TrackTaskDefinition[] {
  const kinds = [addition, addition, eachOfList, eachOfFunction, eachMayFail, fanOut, failure]
  return random.pick(kinds)(random, id).map((step) => withChoices(random, step))
}

function withChoices(random: SeededRandom, step: TrackTaskDefinition): TrackTaskDefinition {
  const remainder = random.below(3)
  return {
    ...step,
    ...(random.chance(0.2) && { when: (previous: unknown) => digest(previous) % 3 !== remainder }),
    ...(random.chance(0.25) && { onError: random.pick(['continue', { fallback: fallbackOf(step) }] as const) }),
    ...(step.forEach !== undefined && random.chance(0.5) && { concurrency: 1 + random.below(3) }),
  }
}

function fallbackOf({ taskName, forEach }: TrackTaskDefinition): unknown {
  const fallback = { suite_add: { n: 7 }, suite_list: { items: [{ n: 1 }, { n: 2 }] }, suite_fan_out: { sum: 5, order: [] }, suite_fail: { attempt: 9 } }[taskName]
  return forEach === undefined ? fallback : [fallback]
}

function addition(random: SeededRandom, id: string): TrackTaskDefinition[] {
  const by = random.below(100)
  const ofAll = random.chance(0.3)
  return [{ taskName: 'suite_add', id, inputMapper: (previous, _original, { outputs }) => ({ n: digest(ofAll ? outputs : previous), by }) }]
}

function eachOfList(random: SeededRandom, id: string): TrackTaskDefinition[] {
  const by = random.below(10)
  const each = random.chance(0.5) ? { inputMapper: (item: { n: number }, index: number) => ({ n: item.n + index, by }) } : {}
  return [
    { taskName: 'suite_list', id: `${id}list`, inputMapper: (previous) => ({ count: digest(previous) % most.items }) },
    { taskName: 'suite_add', id: `${id}each`, forEach: 'items', ...each },
  ]
}

function eachOfFunction(random: SeededRandom, id: string): TrackTaskDefinition[] {
  const by = random.below(100)
  return [{ taskName: 'suite_add', id, forEach: (previous) => numbers(digest(previous) % most.items).map((n) => ({ n, by })) }]
}

/** Items that fail at once or on every attempt, among others that do not fail, or recover. */
function eachMayFail(random: SeededRandom, id: string): TrackTaskDefinition[] {
  const items = numbers(1 + random.below(most.items)).map(() => (random.chance(0.2) ? { failures: 9, how: random.pick(['terminal', 'unknown']) } : { failures: random.below(2) }))
  return [{ taskName: 'suite_fail', id, forEach: () => items }]
}

function fanOut(random: SeededRandom, id: string): TrackTaskDefinition[] {
  const failAt = random.chance(0.2) ? random.below(2) : undefined
  const concurrency = random.chance(0.5) ? 1 + random.below(3) : undefined
  return [{ taskName: 'suite_fan_out', id, inputMapper: (previous) => ({ count: digest(previous) % most.items, failAt, concurrency }) }]
}

/** A task that fails for good, or recovers in time. */
function failure(random: SeededRandom, id: string): TrackTaskDefinition[] {
  const input = random.pick([{ failures: 1 }, { failures: 2, how: 'provider' }, { failures: 9, how: 'terminal' }, { failures: 9, how: 'output' }])
  return [{ taskName: 'suite_fail', id, inputMapper: () => input }]
}

function randomFinalTask(random: SeededRandom): NonNullable<OrchestratorDefinition['finalTask']> {
  if (random.chance(0.1)) return { taskName: 'suite_fail', inputMapper: () => ({ how: 'terminal' }) }
  return { taskName: 'suite_add', inputMapper: (outputs, original: { start: number }) => ({ n: digest(outputs), by: original.start }) }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** All numbers in the value, added up, below 1,000. */
function digest(value: unknown): number {
  if (typeof value === 'number') return value % 1_000
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce((sum: number, inner) => (sum + digest(inner)) % 1_000, 0)
}
