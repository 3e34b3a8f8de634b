import type { Round } from '@track-orchestrator/core'
import type { CostLimit, ForkedWalk } from '@track-orchestrator/core/engine'
import type { RetryPolicy } from '@track-orchestrator/registry'
import type { Packing } from './payload.ts'

// What a run that one of our runs starts is told. Only data: every worker process has the definitions.

/** The run that everything belongs to: the one that a person started. */
export interface RunTicket extends Packing {
  readonly runId: string
  readonly runName: string
  /** The run in which the walk began: see `TaskCall.walkId`. */
  readonly walkId: string
  /** Whether the run's history is kept: see `RunEvent.kept`. */
  readonly kept: boolean
  /** What the run may spend, and has. */
  readonly limit?: Pick<CostLimit, 'cost' | 'before'>
  /** By when it must have ended, in milliseconds since 1970: see `TrackDefinition.timeoutMs`. */
  readonly deadlineAt?: number
  /** Its track failed before, and is walked again: see `Round`. */
  readonly round?: Round
  /** When a log was found to take nothing, in milliseconds since 1970: whoever is told soon enough need not wait for it to learn the same. */
  readonly logsAwayAt?: number
}

/** A call of a task, made by a step or by a handler. */
export interface CallTicket extends RunTicket {
  readonly track: string
  readonly step: string
  /** Of what the call is part of, and the call's own part of it: `Flow/Track` and `translate[3]`. */
  readonly parentPath: string
  readonly segment: string
  readonly nested: boolean
  /** The tokens that stop it before it begins: see `HaltWatch`. */
  readonly halts?: readonly string[]
  /** The token by which the other calls of its fan-out are stopped that have not begun, where this one fails; it heeds it itself, before its first attempt. */
  readonly stop?: string
  /** How many items its step has: the run that waits for them cannot tell itself how far it is. */
  readonly items?: number
  readonly retry?: RetryPolicy
  readonly timeoutMs?: number
}

/** A track of an orchestrator, of a composite track, or of an item. */
export interface TrackTicket extends RunTicket {
  /** Where the walk was forked from another. */
  readonly fork?: ForkedWalk | undefined
  readonly owner: { readonly kind: 'orchestrator' | 'composite' | 'forEach'; readonly name: string }
  /** Of the owner. */
  readonly path: string
  /** Of the track. */
  readonly ownPath: string
  /** The track's number in the owner's plan. */
  readonly index: number
  /** How many tracks the plan has, itself included. */
  readonly siblings?: number
  readonly onTrackFailure: 'halt' | 'stop' | 'continue'
  /** The first of them that succeeds stops the others. */
  readonly race?: boolean
  /** The run that waits for the tracks of the plan. */
  readonly ownerRun: string
  /** The token by which a failure, or the winner of a race, stops the other tracks of the plan: see `HaltWatch`. Absent where nothing does, or there are none. */
  readonly halt?: string | undefined
  /** Those of the plans around it, the outermost first. */
  readonly outerHalts: readonly string[]
}

/** One of the lanes of a fan-out: it starts one item after the other, and waits for each. */
export interface LaneTicket extends RunTicket {
  /** Of the lane, from 0: the item with which it begins. */
  readonly number: number
  /** So many there are. */
  readonly lanes: number
  /** Of the fan-out: under it lanes tell each other which items are taken. */
  readonly fanOut: string
  /** What the items are, for how they ended is told in another way. */
  readonly of: 'calls' | 'tracks'
  /** The tokens that stop it between two items: see `HaltWatch`. */
  readonly halts: readonly string[]
  /** An item that ends so is the last. Default: all are started. */
  readonly stopsAt?: 'failure' | 'success'
  /** The token by which it tells others of the failure of an item that could not tell of it itself, and what is said of it. */
  readonly stop?: { readonly token: string; readonly failed: string }
  /** So many items move the progress of the run that waits for the lanes. */
  readonly items?: number
  /** When that run was created, in milliseconds since 1970: items that were cancelled before are of an earlier walk. */
  readonly since?: number
}
