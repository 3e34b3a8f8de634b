import { DefinitionError, TerminalError, type TaskContract, type TracksError } from '@track-orchestrator/registry'
import type { AnswerBox } from '../engine/answer-box.ts'
import { answered, checkAnswer, questionText, unanswered } from '../engine/approval.ts'
import type { Question, TaskCall, TaskOutcome } from '../engine/engine.ts'
import { failedCall } from '../engine/failed-call.ts'
import type { RetryTools } from '../engine/run-attempts.ts'
import { cancelled } from '../engine/stopping.ts'

interface Open {
  readonly call: TaskCall
  readonly box: AnswerBox
  /** Called when there is a verdict. */
  readonly hear: () => void
}

/** The questions that runs of this process wait with. */
export class Questions {
  readonly #open = new Set<Open>()

  /** Waits for the answer, for as long as is left since `beganAt`. Never rejects. */
  async ask(call: TaskCall, question: Question, box: AnswerBox, pause: RetryTools['pause'], beganAt = Date.now()): Promise<TaskOutcome> {
    const until = beganAt + question.timeoutMs
    try {
      if (!(await box.take())) call.observer?.log('info', questionText(call, until))
      for (;;) {
        const verdict = (await box.take()) ?? (await this.#wait(call, box, until, pause))
        if (verdict === undefined) continue // somebody else was first: take it
        if (verdict === 'cancelled') return failedCall(call, cancelled(call.step, call.signal), 0)
        if ('timedOut' in verdict) return unanswered(call, question)
        try {
          return await answered(call, verdict.answer)
        } catch (error) {
          // It was good when it was given: the definition has changed since.
          call.observer?.log('warn', `The answer to ${call.step} is no longer one that it takes, and is asked for again: ${(error as Error).message}`)
          await box.empty()
        }
      }
    } catch (thrown) {
      return failedCall(call, thrown, 0)
    }
  }

  async #wait(call: TaskCall, box: AnswerBox, until: number, pause: RetryTools['pause']) {
    const heard = new AbortController()
    const open = { call, box, hear: () => heard.abort() }
    const unwatch = box.watch(open.hear)
    this.#open.add(open)
    try {
      const leftMs = until - Date.now()
      if (leftMs > 0) await pause(leftMs, AbortSignal.any([call.signal, heard.signal]))
    } finally {
      unwatch()
      this.#open.delete(open)
    }
    if (heard.signal.aborted) return undefined
    if (call.signal.aborted) return 'cancelled'
    return (await box.put({ timedOut: true })) ? ({ timedOut: true } as const) : undefined
  }

  /** Answers a question of a run that goes on in this process. Answers false where it asks none of that name. */
  async answer(runId: string, said: string, answer: unknown): Promise<boolean> {
    const open = theQuestion([...this.#open].filter(({ call }) => call.runId === runId), said, ({ call }) => call)
    if (!open) return false
    await putAnswer(open.call.contract, open.box, open.call.path, answer)
    open.hear()
    return true
  }
}

/** Of several questions the one that a person means: by its path, the end of it, or the step's id. Throws `DefinitionError` where that is several. */
export function theQuestion<Asked>(asked: readonly Asked[], said: string, callOf: (asked: Asked) => { readonly path: string; readonly step: string }): Asked | undefined {
  const found = asked.filter((one) => isMeant(callOf(one), said))
  if (found.length < 2) return found[0]
  const exact = found.find((one) => callOf(one).path === said)
  if (exact) return exact
  throw new DefinitionError(`${JSON.stringify(said)} is several questions: ${found.map((one) => callOf(one).path).join(', ')}. Say which by its path.`)
}

const isMeant = ({ path, step }: { readonly path: string; readonly step: string }, said: string): boolean => path === said || step === said || path.endsWith(`/${said}`)

/** Puts an answer into its box. Throws `ContractError` where it is not what is wanted, `approval/answered` and `approval/timed_out` where it comes too late. */
export async function putAnswer(contract: TaskContract, box: AnswerBox, path: string, answer: unknown): Promise<void> {
  const checked = await checkAnswer(contract, answer)
  if (await box.put({ answer: checked })) return
  const verdict = await box.take()
  throw verdict && 'timedOut' in verdict ? tooLate(path) : answeredAlready(path)
}

export const answeredAlready = (path: string): TracksError => new TerminalError(`${path} was answered already: the first answer holds.`, { code: 'approval/answered' })
export const tooLate = (path: string): TracksError => new TerminalError(`Nobody answered ${path} in time: the run has gone on, or failed, without an answer.`, { code: 'approval/timed_out' })
