import { aFunction, anything, durationMs, either, flag, listOf, objectWith, oneOf, recordOf, required, retryPolicy, shape, text, wholeNumber, type RulesOf } from '@track-orchestrator/registry/options'
import type { CompositeTrackDefinition, OrchestratorDefinition, TrackDefinition, TrackTaskDefinition } from './definition.ts'

// What may stand in definitions: read by whoever writes them without a compiler, and by those who misspell a word that a compiler takes.

const anObject = objectWith()
const aLimit = wholeNumber({ from: 1 })
const aTime = durationMs({ from: 1 })
const aPlace = shape({ inline: flag })
const aSchedule = shape({ cron: required(text()), timezone: text(), payload: required(anObject) })
const anApproval = text({ maxLength: 128 })
const onTimeout = either(oneOf('fail', 'skip'), shape({ fallback: anything }))
/** Longer than a year is no plan. */
export const longestWaitMs = 31_536_000_000
const aName = text({ maxLength: 128 })
/** So many times a step may be repeated: each is told of, and what was made in it is kept. */
const mostTimes = 1_000
const aRepeat = shape({ until: required(aFunction), maxTimes: required(wholeNumber({ from: 1, to: mostTimes })), next: aFunction })

export const stepRules: RulesOf<TrackTaskDefinition> = {
  taskName: text({ minLength: 0, maxLength: 128 }),
  id: text({ minLength: 0, maxLength: 128 }),
  track: anObject,
  repeat: aRepeat,
  waitMs: durationMs({ to: longestWaitMs }),
  waitUntil: aFunction,
  approve: anApproval,
  input: aFunction,
  schema: anObject,
  onTimeout,
  inputMapper: aFunction,
  forEach: either(text(), aFunction),
  concurrency: aLimit,
  when: aFunction,
  onError: either(oneOf('halt', 'continue'), shape({ fallback: anything })),
  onItemError: oneOf('finish', 'halt', 'continue'),
  retry: retryPolicy,
  timeoutMs: aTime,
  placement: aPlace,
}

export const approvalRules: RulesOf<TrackTaskDefinition> = { ...stepRules, approve: required(anApproval), timeoutMs: required(durationMs({ from: 1, to: longestWaitMs })) }

export const trackRules: RulesOf<TrackDefinition> = { name: anything, enableSupabaseLogging: flag, input: anObject, timeoutMs: durationMs({ from: 1, to: longestWaitMs }), retry: retryPolicy, schedule: aSchedule, tasks: required(listOf(anObject)) }

export const compositeRules: RulesOf<CompositeTrackDefinition> = {
  ...trackRules,
  type: oneOf('composite'),
  mode: oneOf('all', 'race'),
  subTracks: required(listOf(anObject)),
  concurrency: aLimit,
  mergeStrategy: aFunction,
}

export const orchestratorRules: RulesOf<OrchestratorDefinition> = {
  name: anything,
  enableSupabaseLogging: flag,
  input: anObject,
  schedule: aSchedule,
  tracks: required(listOf(anObject)),
  trackDependencies: recordOf(listOf(aName)),
  trackInputMappings: recordOf(aFunction),
  onTrackFailure: oneOf('halt', 'continue'),
  finalTask: shape({ taskName: required(aName), inputMapper: aFunction, retry: retryPolicy, timeoutMs: aTime, placement: aPlace }),
}
