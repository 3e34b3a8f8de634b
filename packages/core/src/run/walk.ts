import type { BaseFields, Registry } from '@track-orchestrator/registry'
import type { Ledger } from '../costs/ledger.ts'
import type { Engine, Round } from '../engine/engine.ts'
import type { Deadline } from '../engine/deadline.ts'
import type { ForkedWalk } from '../engine/forked-walk.ts'
import type { RunEvents } from '../log/run-events.ts'
import type { CompiledTrack } from './compile-track.ts'

/** What stays the same on the way through one run, and is handed down to everything that runs in it. */
export interface Walk {
  readonly engine: Engine
  readonly registry: Registry
  readonly runId: string
  /** The track, orchestrator or task that was asked for. */
  readonly runName: string
  /** See `TaskCall.walkId`. */
  readonly walkId: string
  readonly base: BaseFields
  readonly signal: AbortSignal
  /** What the run pays. */
  readonly ledger: Ledger
  /** Absent where nobody follows the run: then nothing is spent on events. */
  readonly events: RunEvents | undefined
  /** Of the orchestrator or the outermost track: what runs inside is kept along with it. See `RunEvent.kept`. */
  readonly kept: boolean
  /** By when the innermost track with a time limit must have ended. Absent where none has one. */
  readonly deadline?: Deadline | undefined
  /** Absent in the first walk of a track: see `Round`. */
  readonly round?: Round | undefined
  /** When the track of that path was begun, where that was before this process took it up. */
  readonly beganAt?: { readonly path: string; readonly at: number } | undefined
  /** Absent where the walk was not forked from another. */
  readonly fork?: ForkedWalk | undefined
  /** Walks a track inside this run, for steps, items and sub-tracks that are tracks. Passed in to avoid an import cycle with run-track.ts. */
  readonly walkTrack: (walk: Walk, track: CompiledTrack, input: unknown, path: string, how?: HowWalked) => Promise<unknown>
}

/** How a track is walked. */
export interface HowWalked {
  /** Its end tells what it handed on: no step's end does. Default: it does not. */
  readonly tellsOutput?: boolean
}

/** The same walk under another signal. Tracks that share a signal share the walk as well. */
export function underSignal(walk: Walk): (signal: AbortSignal) => Walk {
  let last = walk
  return (signal) => (last.signal === signal ? last : (last = { ...walk, signal }))
}
