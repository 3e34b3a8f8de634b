import type { Registry, RetryPolicy } from '@track-orchestrator/registry'
import type { Schedule } from '../definition/definition.ts'
import type { FactsOf, Lists, Together, Untold } from './facts.ts'
import type { Steps } from './step.ts'
import type { SchemaOf, Settled, Track } from './track.ts'
import type { AnyPlan, FirstInput, Plan } from './wiring.ts'

/** Makes a track of tasks in sequence. Every step is checked against what comes before it; a mistake is marked on its own step. */
export type DefineTrack<R extends Registry> = <const Name extends string, const Written, In = FirstInput<R, Written>, Input = In, P extends AnyPlan = Plan<R, Lists<FactsOf<Written>>, Input, Together<FactsOf<Written>>, Untold<FactsOf<Written>>>>(track: {
  readonly name: Name
  readonly enableSupabaseLogging?: boolean
  /** Checks the track's input. Default: the first step's own schema does. */
  readonly input?: SchemaOf<In, Input>
  /** Within which the track must have ended, in milliseconds, waits and retries included: then it fails with `timed_out`. Default: as long as it takes. */
  readonly timeoutMs?: number
  /** Walks the track again where it fails with what may pass; what finished is reused. Default: it is walked once. */
  readonly retry?: RetryPolicy
  /** When runs begin by themselves, on Trigger.dev. Default: never. */
  readonly schedule?: Schedule
  readonly tasks: Steps<R, Written, P, Input>
}) => Track<Name, Settled<In>, P['last']> & P['asking']
