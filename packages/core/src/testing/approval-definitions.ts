import { z } from 'zod'
import type { CompositeTrackDefinition, TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'

// Definitions with steps that ask for answers.

/** 30 days. */
const long = 30 * 86_400_000
const asks = (approve: string, more: Partial<TrackTaskDefinition> = {}): TrackTaskDefinition => ({ taskName: approve, approve, timeoutMs: long, ...more })
const track = (name: string, ...tasks: TrackTaskDefinition[]): TrackDefinition => ({ name, tasks })
const before: TrackTaskDefinition = { taskName: 'suite_any', id: 'before', inputMapper: () => ({ value: { at: 'before' } }) }
const after: TrackTaskDefinition = { taskName: 'suite_any', id: 'after', inputMapper: (prev, _original, { outputs }) => ({ value: { prev, review: outputs.review ?? 'nothing' } }) }
const review = z.object({ text: z.string(), note: z.string().default('none') })
const inTime = (onTimeout: NonNullable<TrackTaskDefinition['onTimeout']>) => asks('review', { schema: review, timeoutMs: 400, onTimeout })

export const approvalTracks = {
  asking: track('EdgeAsking', before, asks('go_on'), { ...after, inputMapper: (prev, _original, { outputs }) => ({ value: { prev, goOn: outputs.go_on ?? 'nothing' } }) }),
  reviewed: track('EdgeReviewed', before, asks('review', { schema: review, input: ({ at }) => ({ shown: at }) }), after),
  askedTooLong: track('EdgeAskedTooLong', before, inTime('fail'), after),
  skippedQuestion: track('EdgeSkippedQuestion', before, inTime('skip'), after),
  answeredForThem: track('EdgeAnsweredForThem', before, inTime({ fallback: { text: 'fallback', note: '' } }), after),
  askingBeside: { name: 'EdgeAskingBeside', type: 'composite', tasks: [], subTracks: [track('EdgeAskOne', asks('review', { schema: review })), track('EdgeAskTwo', asks('review', { schema: review }))] } as CompositeTrackDefinition,
  haltedQuestion: {
    name: 'EdgeHaltedQuestion',
    type: 'composite',
    tasks: [],
    subTracks: [track('EdgeHaltedAsk', asks('review', { schema: review })), track('EdgeFailsBesideAsk', { taskName: 'wait', waitMs: 500 }, { taskName: 'suite_ends', inputMapper: () => ({ how: 'terminal' }) })],
  } as CompositeTrackDefinition,
}
