import type { TaskCall, TaskOutcome } from '@track-orchestrator/core'
import { callKey, endOfWait, failedCall } from '@track-orchestrator/core/engine'
import { CancelledError } from '@track-orchestrator/registry'
import { idempotencyKeys, wait } from '@trigger.dev/sdk'
import { keyMark } from '../crossing/carried.ts'
import { heeding, type HaltWatch } from './halt.ts'
import type { OneWait } from './one-wait.ts'
import type { RunLogs } from './run-logs.ts'

// A wait of a step is a Trigger.dev token whose time runs out; who completes it before lets the run go on. A token, not a date (`wait.until`), since a halt must be
// able to end it, and since every attempt of the run, and a run that resumes it, is given the same one with the time that it was given first.

/** What waiting needs of the run that waits. */
export interface Waiting {
  readonly oneWait: OneWait
  readonly halt?: HaltWatch | undefined
  readonly logs: Pick<RunLogs, 'beforeWait'>
}

/** How long a token is remembered after its time, in seconds: a run that is resumed later than that waits anew. */
export const rememberedSeconds = 30 * 86_400
/** A token has at most ten tags (https://trigger.dev/docs/wait-for-token). */
export const tagLimit = 10

/** Waits as the call says. Never rejects. */
export async function waitByToken(call: TaskCall, { oneWait, halt, logs }: Waiting): Promise<TaskOutcome> {
  const metadata = {}
  try {
    const end = endOfWait(call, Date.now())
    if ('until' in (call.input as object) && end <= Date.now()) return { status: 'succeeded', output: null, attempt: 1, metadata }
    const result = await oneWait.hold(call.path, () => openWait(call, end, { halt, logs }), (token) => wait.forToken<{ halted?: boolean } | null>(token))
    // Its time is over, or somebody has let it go on before.
    if (!result.ok || !result.output?.halted) return { status: 'succeeded', output: null, attempt: 1, metadata }
    await halt?.look()
    throw halt?.signal.aborted ? halt.signal.reason : new CancelledError(`${call.step} was told to stop`)
  } catch (thrown) {
    return failedCall(call, halt?.signal.aborted ? new CancelledError(`${call.step} was cancelled: ${(halt.signal.reason as Error).message}`) : thrown, 0)
  }
}

/** Made first, then looked for a halt: whoever halts completes its own token first, then looks for these. So one of the two sees the other. */
async function openWait(call: TaskCall, end: number, { halt, logs }: Omit<Waiting, 'oneWait'>): Promise<{ id: string }> {
  const key = await idempotencyKeys.create(`${keyMark}${callKey(call)}/wait`, { scope: 'global' })
  const lifetimeSeconds = Math.ceil((end - Date.now()) / 1_000) + rememberedSeconds
  const tags = (halt?.tokens ?? []).slice(0, tagLimit).map(heeding)
  const token = await wait.createToken({ timeout: new Date(end), idempotencyKey: key, idempotencyKeyTTL: `${lifetimeSeconds}s`, ...(tags.length > 0 && { tags }) })
  await Promise.all([logs.beforeWait(), halt?.look()])
  if (halt?.signal.aborted) throw halt.signal.reason
  return token
}
