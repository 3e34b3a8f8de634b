import type { CostsOfParts } from '@track-orchestrator/core/engine'
import { CancelledError, type ErrorJson, type TracksError } from '@track-orchestrator/registry'
import { runs } from '@trigger.dev/sdk'
import { costsOfRun } from '../crossing/carried.ts'
import { errorOf, toldBy } from '../crossing/trigger-error.ts'
import type { HaltWatch } from './halt.ts'
import type { Result } from './start-items.ts'

/** The run in which is waited. */
export interface OwnRun {
  readonly id: string
  readonly createdAt?: Date | undefined
  /** The run that started it, and the one above all. */
  readonly parentId?: string | undefined
  readonly rootId?: string | undefined
  readonly attempt: number
  /** Handed down to every run that it starts. */
  readonly priority: number | undefined
  readonly tags: readonly string[]
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal
}

export interface Failure {
  readonly error: TracksError
  /** It had to stop, since this run was cancelled, or is to stop. A child that somebody else cancelled has failed. */
  readonly isCancelled: boolean
  /** It never began: it had found that it was to stop. */
  readonly isNotStarted?: true
  /** What it had paid. */
  readonly costs?: CostsOfParts | undefined
}

/**
 * Why a child run failed. What its error does not say is asked of Trigger.dev: whether it was cancelled stands in its status (the
 * words of the error are for people), and what is too long for an error in its metadata.
 */
export async function failureOf(name: string, result: Result & { readonly ok: false }, { run: own, halt }: { readonly run: OwnRun; readonly halt?: HaltWatch | undefined }): Promise<Failure> {
  const { id, error: raw } = result
  if (own.signal.aborted) return { error: ownCancellation(name), isCancelled: true }
  const told = toldBy(raw)
  if (told?.isWhole) return { error: errorOf(raw, undefined), isCancelled: false, costs: told.costs, ...(saysNotStarted(told.json) && { isNotStarted: true }) }
  // Children of a cancelled run may be refused, or die, before the cancellation is heard of here.
  if (!told && (await retrieve(own.id))?.status === 'CANCELED') return { error: ownCancellation(name), isCancelled: true }
  const run = id === '' ? undefined : await retrieve(id)
  const costs = costsOfRun(run?.metadata)
  if (run?.status !== 'CANCELED' || isLost(result)) return { error: errorOf(raw, run), isCancelled: false, costs }
  // A track that fails cancels what its siblings wait for.
  if (await halt?.look()) return { error: ownCancellation(name), isCancelled: true, costs }
  const error = new CancelledError(`${name} was cancelled (${id}), though the run that waits for it was not`, { cause: raw })
  return { error, isCancelled: false, costs }
}

/** What a run throws that is told to stop before its first attempt: see `openCall`. */
const saysNotStarted = ({ code, place }: ErrorJson) => code === 'cancelled' && place?.attempt === undefined

/**
 * Whether the child run was lost: its worker never gave a sign of life, so Trigger.dev ended it. (It is called cancelled then, though
 * nobody cancelled it, and keeps its key.)
 */
export function isLost(result: Result): boolean {
  return !result.ok && result.error instanceof Error && result.error.name.startsWith('TASK_RUN_STALLED')
}

/**
 * Whether the result is that of a run which an earlier run of the walk started, and which was cancelled then: it keeps its key, so a
 * resumed walk would be handed the old cancellation for a month. (A failed run gives its key back.)
 */
export async function isStale(result: Result, own: OwnRun): Promise<boolean> {
  if (result.ok || result.id === '' || own.signal.aborted || !own.createdAt) return false
  const run = await retrieve(result.id)
  // By its beginning, since its end may come late, or never be told: the process of a cancelled run may go on into the resumed one.
  return run?.status === 'CANCELED' && run.createdAt < own.createdAt
}

/** The run as Trigger.dev tells of it; nothing where it cannot be asked: the SDK itself has tried several times. */
async function retrieve(id: string) {
  return runs.retrieve(id).catch(() => undefined)
}

function ownCancellation(name: string): TracksError {
  return new CancelledError(`${name} was cancelled`)
}
