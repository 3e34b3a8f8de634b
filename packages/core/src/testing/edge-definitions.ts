import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { CompositeTrackDefinition, OrchestratorDefinition, TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'
import { timeTracks } from './time-definitions.ts'
import { approvalTracks } from './approval-definitions.ts'
import { payingTracks } from './paying-tasks.ts'
import { repeatTracks } from './repeat-definitions.ts'
import { unevenTracks } from './uneven-definitions.ts'

// Definitions over `edgeTasks`, without types: much of it no compiler would take. Engines with processes of their own register them all.

const track = (name: string, ...tasks: TrackTaskDefinition[]): TrackDefinition => ({ name, tasks })
const any = (value: unknown, more: Partial<TrackTaskDefinition> = {}): TrackTaskDefinition => ({ taskName: 'suite_any', inputMapper: () => ({ value }), ...more })
const ends = (how: string, more: Partial<TrackTaskDefinition> = {}): TrackTaskDefinition => ({ taskName: 'suite_ends', inputMapper: (_prev, { journal }) => ({ how, journal }), ...more })
/** The items, each as the way in which it is to end. */
const eachEnds = (more: Partial<TrackTaskDefinition> = {}): TrackTaskDefinition => ({
  taskName: 'suite_ends',
  forEach: (_prev, { journal }) => ['well', 'terminal', 'well'].map((how) => ({ how, journal })),
  concurrency: 1,
  ...more,
})
/** A step whose task runs inside the run of its track. */
const inline = (taskName: string, more: Partial<TrackTaskDefinition> = {}): TrackTaskDefinition => ({ ...more, taskName, placement: { inline: true } })
const itemTrack = track('EdgeItem', { taskName: 'suite_ends' })

const pushing: TrackTaskDefinition = { taskName: 'suite_any', inputMapper: (prev) => (prev.list.push(99), { value: prev.list }) }
const looking: TrackTaskDefinition = { taskName: 'suite_any', inputMapper: (prev) => ({ value: prev.list }) }
const both: CompositeTrackDefinition = { name: 'EdgeBothLook', type: 'composite', tasks: [any({ list: [1] })], subTracks: [track('EdgeLooks', looking), track('EdgeLooksToo', looking)] }
const bothPush: CompositeTrackDefinition = { ...both, name: 'EdgePushes', subTracks: [track('EdgePushesFirst', pushing), track('EdgeLooksBeside', looking)] }

const oneByOne: CompositeTrackDefinition = {
  name: 'EdgeOneByOne',
  type: 'composite',
  tasks: [],
  concurrency: 1,
  subTracks: [track('EdgeFirstFails', ends('terminal')), track('EdgeSecond', ends('well')), track('EdgeThird', ends('well'))],
}
/** Names that every object has. */
const keyed: unknown = JSON.parse('{"constructor":{"name":"x"},"prototype":[{"constructor":1}],"__proto__":{"polluted":true},"toJSON":"x","toString":1,"then":1,"length":2,"json":"{}"}')
const echoed: TrackTaskDefinition = { taskName: 'suite_any', id: 'after', inputMapper: ({ trampData: _trampData, ...prev }) => ({ value: prev }) }
const inKeyed = (name: string) => track(name, any(name))

/** Two at once: the first fails while the second goes on. */
const twoByTwo: CompositeTrackDefinition = {
  name: 'EdgeTwoByTwo',
  type: 'composite',
  tasks: [],
  concurrency: 2,
  subTracks: [
    track('EdgeTwoFails', { taskName: 'suite_meets', inputMapper: (_prev, { journal }) => ({ name: 'first', waitsFor: 'second', journal }) }, ends('terminal')),
    track('EdgeTwoStopped', { taskName: 'suite_meets', inputMapper: (_prev, { journal }) => ({ name: 'second', journal }) }, ends('when stopped')),
    track('EdgeTwoThird', ends('well')),
    track('EdgeTwoFourth', ends('well')),
  ],
}
/** The first fails; the last wins while the second goes on. */
const race: CompositeTrackDefinition = {
  name: 'EdgeRace',
  type: 'composite',
  mode: 'race',
  tasks: [],
  subTracks: [
    track('EdgeRaceFails', ends('terminal')),
    track('EdgeRaceSlow', ends('when stopped', { id: 'stopped' }), ends('well', { id: 'too late' })),
    track('EdgeRaceQuick', { taskName: 'suite_meets', inputMapper: (_prev, { journal }) => ({ name: 'quick', journal }) }),
  ],
}
const raceOneByOne: CompositeTrackDefinition = { ...oneByOne, name: 'EdgeRaceOneByOne', mode: 'race', subTracks: [track('EdgeRaceFirst', ends('terminal')), track('EdgeRaceSecond', ends('well')), track('EdgeRaceThird', ends('well'))] }
const lostRace: CompositeTrackDefinition = { ...race, name: 'EdgeLostRace', subTracks: [track('EdgeLostOne', ends('terminal')), track('EdgeLostTwo', ends('cancelled'))] }
const badMerge: CompositeTrackDefinition = { name: 'EdgeBadMerge', type: 'composite', tasks: [any(1)], subTracks: [track('EdgeMerged', any(1))], mergeStrategy: () => ({ at: new Date(0) }) }
const brokenMerge: CompositeTrackDefinition = { ...badMerge, name: 'EdgeBrokenMerge', mergeStrategy: () => { throw new Error('no way to merge this') } }

const no = () => {
  throw new Error('nobody may look')
}
const unreadable: ProxyHandler<object> = { get: no, has: no, ownKeys: no, getPrototypeOf: no }

/** Its merge begins, and goes on for a minute. */
const longMerge: CompositeTrackDefinition = {
  ...badMerge,
  name: 'EdgeLongMerge',
  mergeStrategy: (_outputs, { originalInput }) => {
    appendFileSync((originalInput as { journal: string }).journal, 'merging\n')
    return delay(60_000, 'merged', { ref: false })
  },
}

export const edgeTracks = {
  ...approvalTracks,
  ...payingTracks,
  ...repeatTracks,
  ...timeTracks,
  itemTrack,
  both,
  bothPush,
  oneByOne,
  twoByTwo,
  race,
  raceOneByOne,
  lostRace,
  badMerge,
  brokenMerge,
  longMerge,
  keyed: track('EdgeKeyed', any(keyed), echoed),
  keyedItems: track('EdgeKeyedItems', { taskName: 'suite_any', forEach: () => [{ value: keyed }, { value: 1 }] }),
  keyedAny: track('EdgeKeyedAny', { taskName: 'suite_any' }),
  keyedBranches: { name: 'EdgeKeyedBranches', type: 'composite', tasks: [any(keyed)], subTracks: [inKeyed('hasOwnProperty'), track('prototype', echoed)] } as CompositeTrackDefinition,
  waiting: track(
    'EdgeWaiting',
    any({ at: 'before' }),
    { taskName: 'wait', waitMs: 1_500 },
    { taskName: 'wait', id: 'past', waitUntil: () => new Date(0) },
    { taskName: 'wait', id: 'never', waitMs: 86_400_000, when: () => false },
    { taskName: 'suite_any', id: 'after', inputMapper: ({ at }, _original, { outputs }) => ({ value: { at, waited: Object.keys(outputs).length, isNothing: outputs.wait === undefined } }) },
  ),
  waitingLong: track('EdgeWaitingLong', ends('well'), { taskName: 'wait', waitMs: 60_000 }, ends('well', { id: 'too late' })),
  waitingMonth: track('EdgeWaitingMonth', { taskName: 'wait', waitMs: 30 * 86_400_000 }, { taskName: 'suite_ends' }),
  badMoment: track('EdgeBadMoment', { taskName: 'wait', waitUntil: () => 'tomorrow' }),
  haltedWaits: {
    name: 'EdgeHaltedWaits',
    type: 'composite',
    tasks: [],
    subTracks: [track('EdgeHaltedWait', { taskName: 'wait', waitMs: 600_000 }), track('EdgeFailsBeside', { taskName: 'wait', waitMs: 500 }, ends('terminal'))],
  } as CompositeTrackDefinition,
  ...unevenTracks,
  inlineChain: track('EdgeInlineChain', ...Array.from({ length: 4 }, (_, index) => inline('suite_add', { id: `add-${index}` }))),
  inlineItems: track('EdgeInlineItems', inline('suite_add', { forEach: () => [1, 2, 3, 4, 5].map((n) => ({ n })), concurrency: 2 })),
  inlineFails: track('EdgeInlineFails', inline('suite_fail')),
  inlineStubborn: track('EdgeInlineStubborn', inline('suite_stubborn')),
  inlineStopped: track('EdgeInlineStopped', inline('suite_ends', ends('when stopped'))),
  inlineWaits: track('EdgeInlineWaits', inline('suite_waits', { forEach: () => [{ ms: 1_500 }, { ms: 1 }, { ms: 2 }] })),
  inlineFan: track('EdgeInlineFan', inline('suite_fan_out')),
  pipe: track('EdgePipe', { taskName: 'suite_pipe' }, { taskName: 'suite_any', inputMapper: (value) => ({ value: { n: value.n, text: value.text, size: value.size } }) }),
  optional: track('EdgeOptional', any(1), { taskName: 'suite_optional', inputMapper: () => ({}) }, { taskName: 'suite_any', id: 'after', inputMapper: (prev, _original, { outputs }) => ({ value: { isUndefined: prev === undefined, isThere: 'suite_optional' in outputs } }) }),
  nothing: track('EdgeNull', any(null), { taskName: 'suite_any', id: 'after', inputMapper: (prev) => ({ value: { isNull: prev === null } }) }),
  changesInput: track('EdgeChangesInput', any({ list: [1, 2, 3] }), { taskName: 'suite_changes_input' }),
  givesAndChanges: track('EdgeGivesAndChanges', { taskName: 'suite_gives' }),
  unreadable: track('EdgeUnreadable', { taskName: 'suite_any', inputMapper: () => ({ value: { inner: new Proxy({}, unreadable) } }) }),
  promiseInside: track('EdgePromiseInside', { taskName: 'suite_any', inputMapper: () => ({ value: { inner: Promise.reject(new Error('later')) } }) }),
  throwsNothing: track('EdgeThrowsNothing', { taskName: 'suite_any', inputMapper: () => { throw Object.create(null) } }), // prettier-ignore
  throwsUnreadable: track('EdgeThrowsUnreadable', { taskName: 'suite_any', inputMapper: () => { throw new Proxy({}, unreadable) } }), // prettier-ignore
  undefinedInList: track('EdgeUndefinedInList', any('undefined in a list')),
  dateFromMapper: track('EdgeDateFromMapper', any(new Date(0))),
  names: track('EdgeNames', any(1, { id: 'constructor' }), any(2, { id: '2' }), any(3, { id: '音 声' }), {
    taskName: 'suite_any',
    id: 'last',
    inputMapper: (_prev, _original, { outputs }) => ({ value: { outputs: Object.entries(outputs), isUnknown: outputs.toString === undefined } }),
  }),
  wrapped: track('EdgeWrapped', { taskName: 'suite_wrapped' }),
  stubborn: track('EdgeStubborn', { taskName: 'suite_stubborn' }),
  waits: track('EdgeWaits', { taskName: 'suite_waits' }),
  whenStopped: track('EdgeWhenStopped', ends('when stopped')),
  busy: track('EdgeBusy', ends('busy')),
  busyForLong: track('EdgeBusyForLong', ends('busy for long')),
  provider: track('EdgeProvider', ends('provider')),
  sameError: track('EdgeSameError', ends('same error', { id: 'first', onError: 'continue' }), ends('same error', { id: 'second' })),
  cancelledChild: track('EdgeCancelledChild', ends('cancelled'), any('too late', { id: 'after' })),
  finish: track('EdgeFinish', eachEnds()),
  halt: track('EdgeHalt', eachEnds({ onItemError: 'halt' })),
  continueOn: track('EdgeContinue', eachEnds({ onItemError: 'continue' })),
  itemTracks: track('EdgeItemTracks', { ...eachEnds(), taskName: 'EdgeItem', track: itemTrack }),
  promisedInput: track('EdgePromisedInput', { taskName: 'suite_any', inputMapper: () => Promise.reject(new Error('later')) }),
  promisedWhen: track('EdgePromisedWhen', any(1, { when: (async () => false) as never })),
  oddWhen: track('EdgeOddWhen', any(1, { when: (() => 0) as never })),
} as const

const tracks = [track('EdgeA', ends('cancelled')), track('EdgeB', ends('well')), track('EdgeC', ends('well'))]
const afterA = { trackDependencies: { EdgeC: ['EdgeA'] }, trackInputMappings: { EdgeC: (_outputs: unknown, original: object) => original } }
const final = { taskName: 'suite_any', inputMapper: (outputs: object, { journal }: { journal?: string }) => ({ value: Object.entries(outputs).flatMap(([name, output]) => (output ? [name] : [])), journal }) }

export const edgeOrchestrators = {
  cancelledChildHalts: { name: 'EdgeCancelledHalts', tracks, ...afterA, finalTask: final },
  cancelledChildContinues: { name: 'EdgeCancelledContinues', tracks, ...afterA, onTrackFailure: 'continue', finalTask: final },
  keyedTracks: { name: 'EdgeKeyedTracks', tracks: [inKeyed('constructor'), inKeyed('valueOf'), track('EdgeAfterKeyed', echoed)], trackDependencies: { EdgeAfterKeyed: ['constructor', 'valueOf'] } },
  inlineGraph: {
    name: 'EdgeInlineGraph', tracks: ['EdgeI1', 'EdgeI2', 'EdgeI3'].map((name) => track(name, inline('suite_add'))), trackDependencies: { EdgeI2: ['EdgeI1'], EdgeI3: ['EdgeI2'] },
    finalTask: { taskName: 'suite_any', inputMapper: (outputs: object) => ({ value: outputs }), placement: { inline: true } },
  },
  stoppedFinal: { name: 'EdgeStoppedFinal', tracks: [track('EdgeF', any(1))], finalTask: { taskName: 'suite_ends', inputMapper: (_outputs: object, { journal }: { journal?: string }) => ({ how: 'when stopped', journal }) } },
  brokenFinal: { name: 'EdgeBrokenFinal', tracks: [track('EdgeD', any(1))], finalTask: { taskName: 'suite_any', inputMapper: (outputs: any) => outputs.missing.deep } },
  brokenInput: { name: 'EdgeBrokenInput', tracks: [track('EdgeE', any(1))], trackInputMappings: { EdgeE: (_outputs: unknown, original: any) => original.missing.deep } },
} as const satisfies Record<string, OrchestratorDefinition>
