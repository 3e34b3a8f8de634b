import { z } from 'zod'
import type { CompositeTrackDefinition, RepeatDefinition, TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'

// Tracks with a step that repeats a track.

const track = (name: string, ...tasks: TrackTaskDefinition[]): TrackDefinition => ({ name, tasks })
/** Hands on a number that is one more. */
const counts = track('EdgeCounts', { taskName: 'suite_add' })
const ends = track('EdgeEndsOnce', { taskName: 'suite_ends', retry: { maxAttempts: 1 } })
/** Hands on the answer that somebody gives. */
const asksForText = track('EdgeAsksForText', { taskName: 'review', approve: 'review', schema: z.object({ text: z.string() }), timeoutMs: 30 * 86_400_000 })
/** Counts, and fails once on the way to two. */
const fails = track(
  'EdgeFailsAtTwo',
  { taskName: 'suite_add' },
  { taskName: 'suite_ends', retry: { maxAttempts: 1 }, inputMapper: ({ n, journal }) => ({ how: n === 2 ? 'at the second time' : 'well', journal }) },
  { taskName: 'suite_any', inputMapper: (_prev, _original, { outputs }) => ({ value: outputs.suite_add }) },
)
const naps = track('EdgeNaps', { taskName: 'suite_ends' }, { taskName: 'wait', waitMs: 200 })
/** Hands on what it counts on two ways. */
const countsTwice: CompositeTrackDefinition = {
  name: 'EdgeCountsTwice',
  type: 'composite',
  tasks: [],
  subTracks: [track('EdgeCountsOne', { taskName: 'suite_add' }), track('EdgeCountsTen', { taskName: 'suite_add', inputMapper: ({ n }) => ({ n, by: 10 }) })],
  mergeStrategy: ([one, ten]) => ({ n: one.n + ten.n }),
}
const repeats = (inner: TrackDefinition, repeat: RepeatDefinition, more: Partial<TrackTaskDefinition> = {}): TrackTaskDefinition => ({ taskName: inner.name, id: 'tries', track: inner, repeat, ...more })
const never = () => false
const throws = () => {
  throw new Error('no idea')
}
const onwards: RepeatDefinition = { until: ({ n }) => n >= 3, maxTimes: 5, next: (output) => output }
const twice = { maxTimes: 2, until: never, next: (output: unknown) => output }
const ending: Partial<TrackTaskDefinition> = { inputMapper: (_prev, { journal }) => ({ how: 'well', journal }) }

export const repeatTracks = {
  repeated: track('EdgeRepeated', repeats(counts, onwards), { taskName: 'suite_any', id: 'after', inputMapper: (prev, _original, { outputs }) => ({ value: { prev: prev.n, tries: outputs.tries.n } }) }),
  repeatedSame: track('EdgeRepeatedSame', repeats(counts, { maxTimes: 1_000, until: (_output, times) => times === 3 })),
  repeatedParts: track('EdgeRepeatedParts', repeats(track('EdgeRepeatsTwice', repeats(countsTwice, { ...onwards, until: (_output, times) => times === 2 })), { ...onwards, until: (_output, times) => times === 2 })),
  repeatedItems: track('EdgeRepeatedItems', repeats(track('EdgeCountsEach', { taskName: 'suite_list' }, { taskName: 'suite_add', forEach: 'items' }), { maxTimes: 2, until: (list) => list.length > 1, next: () => ({ count: 3 }) })),
  repeatedReview: track('EdgeRepeatedReview', repeats(asksForText, { maxTimes: 5, until: ({ text }) => text === 'good', next: (output) => output }, { inputMapper: () => ({ text: 'draft' }) })),
  neverEnough: track('EdgeNeverEnough', repeats(counts, twice)),
  neverEnoughOnce: track('EdgeNeverEnoughOnce', repeats(counts, { ...twice, maxTimes: 1 }, { onError: { fallback: { n: -1 } } })),
  repeatSkipped: track('EdgeRepeatSkipped', repeats(counts, twice, { when: () => false })),
  secondTimeFails: track('EdgeSecondTimeFails', repeats(ends, { ...twice, next: () => ({ how: 'terminal' }) }, ending)),
  untilThrows: track('EdgeUntilThrows', repeats(counts, { ...twice, until: throws })),
  untilOdd: track('EdgeUntilOdd', repeats(counts, { ...twice, until: (() => 1) as never })),
  nextThrows: track('EdgeNextThrows', repeats(counts, { ...twice, next: throws })),
  nextOdd: track('EdgeNextOdd', repeats(counts, { ...twice, next: () => ({ n: 'many' }) })),
  untilChanges: track('EdgeUntilChanges', repeats(counts, { ...twice, until: (output) => ((output.n = 9), true) })),
  repeatsForLong: track('EdgeRepeatsForLong', repeats(naps, { maxTimes: 1_000, until: never }, ending)),
  repeatsTooLong: { ...track('EdgeRepeatsTooLong', repeats(naps, { maxTimes: 1_000, until: never }, ending)), timeoutMs: 2_000 } as TrackDefinition,
  repeatsAgain: {
    ...track('EdgeRepeatsAgain', repeats(fails, { maxTimes: 5, until: ({ n }) => n === 2, next: (output) => output })),
    retry: { maxAttempts: 3, minDelayMs: 1, maxDelayMs: 1 },
  } as TrackDefinition,
}
