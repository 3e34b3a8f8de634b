import type { Registry, RetryPolicy } from '@track-orchestrator/registry'
import type { MergeContext } from './context.ts'
import type { Schedule } from '../definition/definition.ts'
import type { FactsOf, Lists, Together, Untold } from './facts.ts'
import type { AskingFor, QuestionsOf } from './questions.ts'
import type { Steps } from './step.ts'
import type { AnyTrack, CompositeTrack, JointInput, OutputsByName, SchemaOf, Settled, TrackInputOf, TrackOutputOf } from './track.ts'
import type { AnyPlan, FirstInput, Plan } from './wiring.ts'

/** Makes a track whose sub-tracks run in parallel on one input. A sub-track that the input does not fit is marked in `subTracks`. */
export type DefineCompositeTrack<R extends Registry> = <
  const Name extends string,
  const T extends readonly AnyTrack[],
  const Written = readonly [],
  In = Written extends readonly [] ? JointInput<T[number]> : FirstInput<R, Written>,
  Input = In,
  P extends AnyPlan = Plan<R, Lists<FactsOf<Written>>, Input, Together<FactsOf<Written>>, Untold<FactsOf<Written>>>,
  Mode extends 'all' | 'race' = 'all',
  Output = Mode extends 'race' ? TrackOutputOf<T[number]> : OutputsByName<T[number]>,
>(composite: {
  readonly name: Name
  readonly type: 'composite'
  readonly enableSupabaseLogging?: boolean
  /** Checks the composite's input. Default: the first step's own schema does, or the sub-tracks'. */
  readonly input?: SchemaOf<In, Input>
  /** Within which the track must have ended, in milliseconds, waits and retries included: then it fails with `timed_out`. Default: as long as it takes. */
  readonly timeoutMs?: number
  /** Walks the track again where it fails with what may pass; what finished is reused. Default: it is walked once. */
  readonly retry?: RetryPolicy
  /** When runs begin by themselves, on Trigger.dev. Default: never. */
  readonly schedule?: Schedule
  /** Run first, in order; their last output (without them, the input) goes to every sub-track. */
  readonly tasks?: Steps<R, Written, P, Input>
  readonly subTracks: T & SubTracksFit<T, P['last']>
  /**
   * `all` (default): every sub-track must succeed. `race`: the first that succeeds wins, its output is the track's, and the others are
   * cancelled. Where none does, the track fails with `tracks/all_failed`, whose `items` say how each ended; it is `retryable` where one of those errors is.
   */
  readonly mode?: Mode
  /** Sub-tracks at once. Default: all. */
  readonly concurrency?: number
  /** Makes the output. Default: the sub-tracks' outputs by name. */
  readonly mergeStrategy?: Mode extends 'race'
    ? RaceHasOneOutput
    : (outputs: { readonly [K in keyof T]: TrackOutputOf<T[K]> }, context: MergeContext<OutputsByName<T[number]>, Input, P['outputs']>) => Output | Promise<Output>
}) => CompositeTrack<Name, Settled<In>, Settled<Awaited<Output>>> & AskingFor<QuestionsOf<P['asking']> | QuestionsOf<T[number]>>

type SubTracksFit<T extends readonly AnyTrack[], Receives> = {
  [K in keyof T]: [Receives] extends [TrackInputOf<T[K]>] ? unknown : SubTrackInputMismatch<T[K]['name'], Receives, TrackInputOf<T[K]>>
}

/** `… required in type 'SubTrackInputMismatch<"Speech", { path }, { url }>'`: the sub-track, what it would receive, what it needs. */
export interface SubTrackInputMismatch<SubTrack, Receives, Needs> {
  readonly '~mismatch': [SubTrack, Receives, Needs]
}

/** `mergeStrategy` stands in a race, whose output is the winner's. */
export interface RaceHasOneOutput {
  readonly '~hint': never
}
