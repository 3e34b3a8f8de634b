import type { Registry } from '@track-orchestrator/registry'
import type { Steps } from './step.ts'
import type { SchemaOf, Settled, Track } from './track.ts'
import type { FirstInput, LastOutput } from './wiring.ts'

/** Makes a track of tasks in sequence. Every step is checked against what comes before it; a mistake is marked on its own step. */
export type DefineTrack<R extends Registry> = <const Name extends string, const Written, In = FirstInput<R, Written>, Input = In>(track: {
  readonly name: Name
  readonly enableSupabaseLogging?: boolean
  /** Checks the track's input. Default: the first step's own schema does. */
  readonly input?: SchemaOf<In, Input>
  readonly tasks: Steps<R, Written, Input>
}) => Track<Name, Settled<In>, LastOutput<R, Written, Input>>
