import { CancelledError, copyJson, parseBaseFields } from '@track-orchestrator/registry'
import { text, wholeNumber, type RulesOf } from '@track-orchestrator/registry/options'
import { unlessAborted } from '@track-orchestrator/registry/waiting'
import type { Asked } from '../run/runner.ts'
import type { RunResult } from '../run/runs.ts'

/** One run for one thing. */
export interface RunKeyOptions {
  /**
   * What the run is for: `invoice-7`. Any text. Where a run of the same name was begun under it for the same tenant, none is begun: one that goes
   * on is waited for, and one that has succeeded gives its output. After one that failed or was cancelled a new one is begun. The payload makes no
   * difference. With a journal the key holds for all processes that share it, and a run whose process has ended is gone on with; without one, for this runner.
   */
  readonly runKey?: string
  /** For how long a run that succeeded gives its output to who asks under its `runKey`, in milliseconds from its beginning, as who began it said: from 1,000 on. Default 30 days. */
  readonly runKeyTtlMs?: number
}

export const runKeyRules: RulesOf<RunKeyOptions> = { runKey: text(), runKeyTtlMs: wholeNumber({ from: 1_000 }) }

const defaultTtlMs = 30 * 86_400_000

export interface RunKey {
  /** Of the tenant, the definition and the key together. */
  readonly whole: string
  readonly ttlMs: number
}

/** Throws `ContractError` where the payload names no tenant. */
export function runKeyOf({ kind, name, payload }: Asked, { runKey, runKeyTtlMs: ttlMs = defaultTtlMs }: RunKeyOptions): RunKey | undefined {
  if (runKey === undefined) return undefined
  return { whole: JSON.stringify([parseBaseFields(name, payload).tenantId, kind, name, runKey]), ttlMs }
}

/** The result for one of several who asked: what one does with its output, no other sees. */
export function copyOf(name: string, result: RunResult): RunResult {
  return result.status === 'succeeded' ? { ...result, output: copyJson(name, 'output', result.output) } : result
}

/** The result of a run that somebody else began, unless who asks no longer waits: then the run goes on. */
export async function whileWaitedFor(result: Promise<RunResult>, run: Pick<RunResult, 'runId'> & { readonly name: string }, signal: AbortSignal | undefined): Promise<RunResult> {
  const { runId, name } = run
  const startedAt = Date.now()
  try {
    return copyOf(name, await (signal ? unlessAborted(result, signal) : result))
  } catch (error) {
    if (!signal?.aborted) throw error
    const gaveUp = new CancelledError(`${name} is no longer waited for. Run ${runId}, which its runKey stands for, goes on.`, { cause: signal.reason })
    return { runId, startedAt, durationMs: Date.now() - startedAt, status: 'cancelled', error: gaveUp }
  }
}

interface Held {
  readonly runId: string
  readonly result: Promise<RunResult>
  readonly until: number
  isGoingOn: boolean
}

/** Runs under keys that no journal knows: for one runner, in its memory. */
export class HeldRuns {
  readonly #runs = new Map<string, Held>()
  /** So many are looked through when they are twice as many as were left the last time: each is looked at some times, not with every run that begins. */
  #lookThroughAt = 100

  /** The result of the run that the key stands for; `begin` begins one. */
  run({ whole, ttlMs }: RunKey, asked: Asked, runId: string, signal: AbortSignal | undefined, begin: () => Promise<RunResult>): Promise<RunResult> {
    const now = Date.now()
    const isOver = ({ until, isGoingOn }: Held) => !isGoingOn && until <= now
    const known = this.#runs.get(whole)
    if (known && !isOver(known)) return whileWaitedFor(known.result, { runId: known.runId, name: asked.name }, signal)
    const held: Held = { runId, result: begin(), until: now + ttlMs, isGoingOn: true }
    this.#runs.set(whole, held)
    if (this.#runs.size >= this.#lookThroughAt) {
      for (const [key, other] of this.#runs) if (isOver(other)) this.#runs.delete(key)
      this.#lookThroughAt = Math.max(100, 2 * this.#runs.size)
    }
    const letGo = () => void (this.#runs.get(whole) === held && this.#runs.delete(whole))
    held.result.then(({ status }) => {
      held.isGoingOn = false
      if (status !== 'succeeded') letGo()
    }, letGo)
    return held.result.then((result) => copyOf(asked.name, result))
  }
}
