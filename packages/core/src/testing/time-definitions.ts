import type { CompositeTrackDefinition, TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'

// Tracks that have a time limit, or are walked again.

const ends = (how: string, more: Partial<TrackTaskDefinition> = {}): TrackTaskDefinition => ({ taskName: 'suite_ends', inputMapper: (_prev, { journal }) => ({ how, journal }), ...more })
const track = (name: string, more: Partial<TrackDefinition>, ...tasks: TrackTaskDefinition[]): TrackDefinition => ({ name, ...more, tasks })
const before: TrackTaskDefinition = { taskName: 'suite_any', id: 'before', inputMapper: () => ({ value: 1 }) }
const soon = { timeoutMs: 2_000 }
const meets = (name: string, waitsFor?: string): TrackTaskDefinition => ({ taskName: 'suite_meets', inputMapper: (_prev, { journal }) => ({ name, waitsFor, journal }) })
const again = { retry: { maxAttempts: 3, minDelayMs: 1, maxDelayMs: 1 } }
const once = { retry: { maxAttempts: 1 } }
const longWait: TrackTaskDefinition = { taskName: 'wait', waitMs: 600_000 }

export const timeTracks = {
  scheduled: track('EdgeScheduled', { schedule: { cron: '0 3 * * 1-5', timezone: 'Europe/Berlin', payload: { tenantId: 'tenant-1', projectId: 'project-1', how: 'well' } } }, { taskName: 'suite_ends' }),
  tooSlow: track('EdgeTooSlow', soon, before, ends('when stopped')),
  waitsTooLong: track('EdgeWaitsTooLong', soon, before, longWait),
  askedTooLate: track('EdgeAskedTooLate', soon, before, { taskName: 'sure', approve: 'sure', timeoutMs: 600_000, onTimeout: 'skip' }, ends('well')),
  partsTooSlow: {
    name: 'EdgePartsTooSlow',
    type: 'composite',
    ...soon,
    tasks: [],
    subTracks: [track('EdgeSlowWait', { timeoutMs: 900_000 }, longWait), track('EdgeSlowWork', {}, ends('when stopped'))],
  } as CompositeTrackDefinition,
  innerTooSlow: track('EdgeInnerTooSlow', {}, { taskName: 'EdgeInnerWait', id: 'inner', track: track('EdgeInnerWait', soon, longWait), onError: { fallback: 'too slow' } }),
  inTime: track('EdgeInTime', { timeoutMs: 600_000 }, before, { taskName: 'wait', waitMs: 10 }),
  again: track('EdgeAgain', again, ends('well', { id: 'done' }), ends('at the second time', { id: 'shaky', ...once })),
  againInParts: {
    name: 'EdgeAgainInParts',
    type: 'composite',
    ...again,
    tasks: [],
    // The second fails once the first has its step behind it.
    subTracks: [track('EdgeAgainDone', {}, ends('well'), meets('done')), track('EdgeAgainShaky', {}, meets('shaky', 'done'), ends('at the second time', once))],
  } as CompositeTrackDefinition,
  againInRace: { name: 'EdgeAgainInRace', type: 'composite', mode: 'race', ...again, tasks: [], subTracks: [track('EdgeAgainLost', {}, ends('terminal')), track('EdgeAgainMaybe', {}, ends('well', { id: 'done' }), ends('at the second time', { id: 'shaky', ...once }))] } as CompositeTrackDefinition,
  lostForGood: { name: 'EdgeLostForGood', type: 'composite', mode: 'race', ...again, tasks: [], subTracks: [track('EdgeLostAlone', {}, ends('terminal'))] } as CompositeTrackDefinition,
  neverAgain: track('EdgeNeverAgain', again, ends('terminal')),
  notForever: track('EdgeNotForever', { retry: { maxAttempts: 2, minDelayMs: 1, maxDelayMs: 1 } }, ends('provider', once)),
}
