import type { Question, TaskCall, TaskOutcome } from '@track-orchestrator/core'
import { answered, callKey, failedCall, questionText, unanswered } from '@track-orchestrator/core/engine'
import { CancelledError, redactValue } from '@track-orchestrator/registry'
import { idempotencyKeys, metadata, wait } from '@trigger.dev/sdk'
import { keyMark } from '../crossing/carried.ts'
import { answerIn, askedAtTag, asksTag, isHalted, questionKey } from '../crossing/question.ts'
import { heeding, type HaltWatch } from './halt.ts'
import type { OwnRun } from './read-result.ts'
import { cutAt, cutOf, endBehind, overdue, rememberedSeconds, tagLimit, type Cut, type Waiting } from './wait-token.ts'

// A question is a Trigger.dev token, found by its tags: whoever answers completes it, the first one holds. Its address, by which anybody could
// complete it, is handed to nobody.

interface Asking extends Waiting {
  readonly run: OwnRun
}

/** A token that is open, or was completed for this question before. `until`: how long an answer is waited for; `cut`: it runs out before, see `wait-token.ts`; `isPast`: its time was over before this run began, which asks anew. */
interface Token {
  readonly id: string
  readonly until: number
  readonly cut?: Cut | undefined
  readonly isPast: boolean
}

/** Asks, and waits for the answer. Never rejects. */
export async function askByToken(call: TaskCall, question: Question, asking: Asking): Promise<TaskOutcome> {
  const { oneWait, halt, run } = asking
  const tell = tellerOf(call, run)
  try {
    let until = Date.now() + question.timeoutMs
    for (let number = 1; ; number++) {
      let token: Token | undefined
      const open = async () => {
        // Told first: whoever finds the token finds this.
        tell?.set(questionKey(call.path), shownOf(call))
        await asking.logs.beforeWait()
        token = await openQuestion(call, question, number, until, asking)
        if (token.isPast) return token
        call.observer?.log('info', questionText(call, token.until))
        await asking.logs.beforeWait()
        return token
      }
      const result = await oneWait.hold(call.path, open, async ({ id, isPast }) => (isPast ? undefined : wait.forToken<unknown>(id)))
      until = token!.until
      if (!result) continue // and again, under the next number
      tell?.del(questionKey(call.path))
      if (!result.ok && token!.cut === 'now') throw overdue(call)
      if (!result.ok && token!.cut === 'earlier' && Date.now() < until) continue
      if (!result.ok) return unanswered(call, question)
      if (isHalted(result.output) && (await halt?.look())) throw halt!.signal.reason
      try {
        return await answered(call, answerIn(result.output))
      } catch (error) {
        call.observer?.log('warn', `The answer to ${call.step} is not one that it takes, and is asked for again: ${(error as Error).message}`)
      }
    }
  } catch (thrown) {
    return failedCall(call, halt?.signal.aborted ? new CancelledError(`${call.step} was cancelled: ${(halt.signal.reason as Error).message}`) : thrown, 0)
  }
}

/** As for waits: made first, then looked for a halt. The same token on every attempt, and for a run that resumes this one. */
async function openQuestion(call: TaskCall, { onTimeout }: Question, number: number, until: number, { halt, run }: { readonly halt?: HaltWatch | undefined; readonly run: OwnRun }): Promise<Token> {
  const key = await idempotencyKeys.create(`${keyMark}${callKey(call)}/question/${number}`, { scope: 'global' })
  const lifetimeSeconds = Math.ceil((until - Date.now()) / 1_000) + rememberedSeconds
  const { timeout, cutTags } = cutAt(until, call.deadline?.at)
  const tags = [asksTag(call.walkId), askedAtTag(call.path), ...cutTags, ...(halt?.tokens ?? []).map(heeding)].slice(0, tagLimit)
  const { id, isCached } = await wait.createToken({ timeout, idempotencyKey: key, idempotencyKeyTTL: `${lifetimeSeconds}s`, tags })
  await halt?.look()
  if (halt?.signal.aborted) throw halt.signal.reason
  if (!isCached) return { id, until, isPast: false, ...(cutTags.length > 0 && { cut: 'now' }) }
  const { status, timeoutAt, completedAt, tags: itsTags } = await wait.retrieveToken(id)
  const cut = endBehind(itsTags)
  if (cut !== undefined) return { id, until: cut, isPast: false, cut: cutOf(timeoutAt, call) }
  const isPast = onTimeout === 'fail' && status === 'TIMED_OUT' && run.createdAt !== undefined && (completedAt ?? timeoutAt ?? new Date()) < run.createdAt
  return { id, until: isPast ? until : (timeoutAt?.getTime() ?? until), isPast }
}

/** More is not shown in metadata: the run's steps have it. */
const shownBytes = 8_192

/** What the run's metadata says of the question, for who is to answer it. Whoever may read the run may read it. */
function shownOf({ input }: TaskCall) {
  const json = JSON.stringify({ input: redactValue(input) })
  return JSON.parse(Buffer.byteLength(json) <= shownBytes ? json : '{}') as { readonly input?: string }
}

/** The metadata of the run that people ask for; nothing where this one cannot reach it. */
function tellerOf({ runId }: TaskCall, { id, parentId, rootId }: OwnRun) {
  if (runId === id) return metadata
  return parentId === runId ? metadata.parent : rootId === runId ? metadata.root : undefined
}
