import type { BaseFields, Registry } from '@track-orchestrator/registry'
import type { Engine } from '../engine/engine.ts'
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
  /** Absent where nobody follows the run: then nothing is spent on events. */
  readonly events: RunEvents | undefined
  /** Of the orchestrator or the outermost track: what runs inside is kept along with it. See `RunEvent.kept`. */
  readonly kept: boolean
  /** Walks a track inside this run, for steps, items and sub-tracks that are tracks. Passed in to avoid an import cycle with run-track.ts. */
  readonly walkTrack: (walk: Walk, track: CompiledTrack, input: unknown, path: string) => Promise<unknown>
}

/** A track's input as its mappers see it: the input itself, and the base fields. Frozen. */
export function withBaseFields(input: unknown, base: BaseFields): unknown {
  return typeof input === 'object' && input !== null && !Array.isArray(input) ? Object.freeze({ ...input, ...base }) : input
}

/** An output as the next mapper sees it: with the caller's `trampData` on it. A list keeps being a list. Frozen. */
export function withTrampData(output: unknown, trampData: BaseFields['trampData']): unknown {
  if (Array.isArray(output)) return Object.freeze(Object.assign([...(output as unknown[])], { trampData }))
  return typeof output === 'object' && output !== null ? Object.freeze({ ...output, trampData }) : output
}

/** The same walk under another signal. Tracks that share a signal share the walk as well. */
export function underSignal(walk: Walk): (signal: AbortSignal) => Walk {
  let last = walk
  return (signal) => (last.signal === signal ? last : (last = { ...walk, signal }))
}
