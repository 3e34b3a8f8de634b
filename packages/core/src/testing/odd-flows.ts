import type { CompositeTrackDefinition, TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'
import type { SeededRandom } from './seeded-random.ts'

/** Names that every object has, numerals, words of any script, and such as look like a path. */
export const oddNames = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'toJSON', 'then', '0', '1e3', '音 声', 'a b', '..', '$call'] as const

/** Steps that do what people do not expect. `unique`: for names of tracks inside. */
export function oddSteps(random: SeededRandom, id: string, unique: string): TrackTaskDefinition[] {
  return [random.pick([changesPrevious, changesOriginal, changesItems, changesInput, waits, race, again])(random, id, unique)]
}

const changesPrevious = (_random: SeededRandom, id: string): TrackTaskDefinition => ({ taskName: 'suite_add', id, inputMapper: (previous) => ({ n: (previous.added = 1) }), onError: 'continue' })
const changesOriginal = (_random: SeededRandom, id: string): TrackTaskDefinition => ({ taskName: 'suite_add', id, inputMapper: (_previous, original) => ({ n: (original.start = 1) }), onError: { fallback: { n: 3 } } })
const changesItems = (_random: SeededRandom, id: string): TrackTaskDefinition => ({ taskName: 'suite_add', id, forEach: (previous) => Object.values(previous.added ?? [(previous.added = 2)]), onError: 'continue' })
/** Its handler changes what it is given, and fails the first time. */
const changesInput = (random: SeededRandom, id: string): TrackTaskDefinition => {
  const list = [random.below(9), random.below(9)]
  return { taskName: 'suite_changes_input', id, inputMapper: () => ({ list }) }
}
const waits = (random: SeededRandom, id: string): TrackTaskDefinition => ({ taskName: 'wait', id, ...random.pick([{ waitMs: 2 }, { waitMs: 0 }, { waitUntil: () => new Date(0) }]) })

/** One that succeeds, among some that fail at once and some that wait for a minute: or none that succeeds. */
function race(random: SeededRandom, id: string, unique: string): TrackTaskDefinition {
  const by = random.below(50)
  const isLost = random.chance(0.2)
  const fails = (index: number) => ({ name: `${unique} fails ${index}`, tasks: [{ taskName: 'suite_fail', inputMapper: () => ({ how: 'terminal' }) }] })
  const winner = { name: `${unique} wins`, tasks: [{ taskName: 'suite_add', inputMapper: () => ({ n: by }) }] }
  const late = { name: `${unique} waits`, tasks: [{ taskName: 'wait', waitMs: 60_000 }, { taskName: 'suite_add', inputMapper: () => ({ n: 1_000 }) }] }
  const track: CompositeTrackDefinition = { name: `${unique} race`, type: 'composite', mode: 'race', tasks: [], subTracks: random.shuffle([fails(1), isLost ? fails(2) : winner, ...(isLost ? [] : [late])]) }
  return { taskName: track.name, id, track, onError: random.pick(['continue', 'halt']) }
}

/** Counts on until that is enough, which it may never be; some fail on the way. */
function again(random: SeededRandom, id: string, unique: string): TrackTaskDefinition {
  const by = 1 + random.below(50)
  const [enough, maxTimes, failsAt] = [1 + random.below(4), 1 + random.below(4), random.chance(0.2) ? by * random.below(4) : -1]
  const track: TrackDefinition = {
    name: `${unique} again`,
    tasks: [
      { taskName: 'suite_add', id: 'count', inputMapper: ({ n }) => ({ n, by }) },
      { taskName: 'suite_fail', id: 'maybe', when: ({ n }) => n === failsAt, inputMapper: () => ({ how: 'terminal' }) },
    ],
  }
  const repeat = { until: ({ n }: { n: number }, times: number) => times >= enough && n > 0, maxTimes, ...(random.chance(0.7) && { next: ({ n }: { n: number }) => ({ n }) }) }
  return { taskName: track.name, id, track, repeat, inputMapper: () => ({ n: 0 }), onError: random.pick(['continue', 'halt', { fallback: { n: 4 } }]) }
}
