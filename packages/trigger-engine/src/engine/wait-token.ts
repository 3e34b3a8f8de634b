import type { TaskCall, TaskOutcome } from '@track-orchestrator/core'
import { callKey, endOfWait, failedCall } from '@track-orchestrator/core/engine'
import { CancelledError } from '@track-orchestrator/registry'
import { idempotencyKeys, wait } from '@trigger.dev/sdk'
import { keyMark } from '../crossing/carried.ts'
import { isHalted } from '../crossing/question.ts'
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

/** Of a token whose time is shorter than what is waited for: when that ends, in milliseconds since 1970. */
const endTag = 'until:'

/** The time of a token that is to run out at `end`, or at the deadline of its track, whichever comes first. */
export function cutAt(end: number, deadlineAt: number | undefined): { readonly timeout: Date; readonly cutTags: readonly string[] } {
  return deadlineAt === undefined || end <= deadlineAt ? { timeout: new Date(end), cutTags: [] } : { timeout: new Date(deadlineAt), cutTags: [`${endTag}${end}`] }
}

/** When that ends which a token stands for; nothing where the token runs out then. */
export function endBehind(tags: readonly string[]): number | undefined {
  const said = tags.find((tag) => tag.startsWith(endTag))
  return said === undefined ? undefined : Number(said.slice(endTag.length))
}

/** What a wait ends with that the deadline of its track has cut short. */
export function overdue({ step, deadline }: TaskCall): CancelledError {
  deadline?.pass()
  return new CancelledError(`${step} was no longer waited for: the time of its track was over`)
}

/** By which deadline a token was cut short: the one that its track has now, or had in an earlier run. */
export type Cut = 'now' | 'earlier'

interface Token {
  readonly id: string
  /** When the wait ends. */
  readonly end: number
  /** It runs out before. */
  readonly cut?: Cut | undefined
}

/** Of a token that was made before. */
export const cutOf = (timeoutAt: Date | undefined, { deadline }: TaskCall): Cut => (deadline && timeoutAt?.getTime() === new Date(deadline.at).getTime() ? 'now' : 'earlier')

/** Waits as the call says. Never rejects. */
export async function waitByToken(call: TaskCall, { oneWait, halt, logs }: Waiting): Promise<TaskOutcome> {
  const done: TaskOutcome = { status: 'succeeded', output: null, attempt: 1, metadata: {} }
  try {
    let end = endOfWait(call, Date.now())
    if ('until' in (call.input as object) && end <= Date.now()) return done
    for (let number = 1; ; number++) {
      let token: Token | undefined
      const open = async () => (token = await openWait(call, number, end, { halt, logs }))
      const result = await oneWait.hold(call.path, open, ({ id }) => wait.forToken<unknown>(id))
      const isOver = result.ok && isHalted(result.output)
      if (isOver && (await halt?.look())) throw halt!.signal.reason
      if (!isOver && (result.ok || !token!.cut)) return done // its time is over, or somebody has let it go on before
      if (!isOver && token!.cut === 'now') throw overdue(call)
      // Told to stop, or cut short, in an earlier walk: what is left is waited for.
      end = token!.end
      if (Date.now() >= end) return done
    }
  } catch (thrown) {
    return failedCall(call, halt?.signal.aborted ? new CancelledError(`${call.step} was cancelled: ${(halt.signal.reason as Error).message}`) : thrown, 0)
  }
}

/** Made first, then looked for a halt: whoever halts completes its own token first, then looks for these. So one of the two sees the other. */
async function openWait(call: TaskCall, number: number, end: number, { halt, logs }: Omit<Waiting, 'oneWait'>): Promise<Token> {
  const key = await idempotencyKeys.create(`${keyMark}${callKey(call)}/wait${number === 1 ? '' : `/${number}`}`, { scope: 'global' })
  const lifetimeSeconds = Math.ceil((end - Date.now()) / 1_000) + rememberedSeconds
  const { timeout, cutTags } = cutAt(end, call.deadline?.at)
  const tags = [...cutTags, ...(halt?.tokens ?? []).map(heeding)].slice(0, tagLimit)
  const { id, isCached } = await wait.createToken({ timeout, idempotencyKey: key, idempotencyKeyTTL: `${lifetimeSeconds}s`, ...(tags.length > 0 && { tags }) })
  await Promise.all([logs.beforeWait(), halt?.look()])
  if (halt?.signal.aborted) throw halt.signal.reason
  if (!isCached) return { id, end, ...(cutTags.length > 0 && { cut: 'now' }) }
  const known = await wait.retrieveToken(id)
  const cut = endBehind(known.tags)
  return { id, end: cut ?? known.timeoutAt?.getTime() ?? end, ...(cut !== undefined && { cut: cutOf(known.timeoutAt, call) }) }
}
