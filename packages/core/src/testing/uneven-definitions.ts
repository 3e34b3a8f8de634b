import type { CompositeTrackDefinition, TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'

// Two at once, of work that takes unlike long. Engines bound it in unlike ways: by the task's own queue or limit, by one of theirs, by neither.

type Told = { readonly journal?: string }
const names = ['a', 'b', 'c', 'd', 'e', 'f']
const track = (name: string, ...tasks: TrackTaskDefinition[]): TrackDefinition => ({ name, tasks })

/** The first of six goes on until the last has begun: in two at a time, and then the next two, it would for ever. */
const uneven = (name: string, taskName: string, item?: TrackDefinition): TrackDefinition =>
  track(name, {
    ...(item ? { track: item } : {}),
    taskName,
    forEach: (_prev, { journal }: Told) => names.map((one) => ({ name: one, journal, ...(one === 'a' && { waitsFor: 'f' }) })),
    concurrency: 2,
  })

/** The first of twenty fails. */
const haltUneven = (name: string, taskName: string, item?: TrackDefinition): TrackDefinition =>
  track(name, {
    ...(item ? { track: item } : {}),
    taskName,
    forEach: (_prev, { journal }: Told) => ['terminal', ...Array.from({ length: 19 }, () => 'well')].map((how) => ({ how, journal })),
    concurrency: 2,
    onItemError: 'halt',
  })

const meeting = track('EdgeMeeting', { taskName: 'suite_meets' })
const ending = track('EdgeEnding', { taskName: 'suite_ends' })

/** As `uneven`, of sub-tracks. */
const branches: CompositeTrackDefinition = {
  name: 'EdgeUnevenBranches',
  type: 'composite',
  tasks: [],
  concurrency: 2,
  subTracks: names.map((name) => track(`EdgeBranch${name}`, { taskName: 'suite_meets', inputMapper: (_prev, { journal }: Told) => ({ name, journal, ...(name === 'a' && { waitsFor: 'f' }) }) })),
  mergeStrategy: (outputs: readonly unknown[]) => outputs,
}

export const unevenTracks = {
  uneven: uneven('EdgeUneven', 'suite_meets'),
  unevenQueued: uneven('EdgeUnevenQueued', 'suite_queued_meets'),
  unevenLimited: uneven('EdgeUnevenLimited', 'suite_limited_meets'),
  unevenItems: uneven('EdgeUnevenItems', 'EdgeMeeting', meeting),
  unevenBranches: branches,
  haltUneven: haltUneven('EdgeHaltUneven', 'suite_ends'),
  haltUnevenQueued: haltUneven('EdgeHaltUnevenQueued', 'suite_queued_ends'),
  haltUnevenItems: haltUneven('EdgeHaltUnevenItems', 'EdgeEnding', ending),
} as const
