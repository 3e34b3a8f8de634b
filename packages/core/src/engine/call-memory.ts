import type { AnswerBox } from './answer-box.ts'
import { isUnanswered } from './approval.ts'
import type { Question, TaskCall, TaskOutcome } from './engine.ts'
import { failedCall, isStarted } from './failed-call.ts'

/** Remembers how calls ended, by what they are: the means by which a run outlives its process. */
export interface CallMemory {
  /** How the call ended before; nothing where it must run. */
  recall(call: TaskCall): Promise<TaskOutcome | undefined> | TaskOutcome | undefined
  /** When the call was begun first, in milliseconds since 1970, where that was before it was asked for now. */
  beganAt(call: TaskCall): number | undefined
  /** Where the verdict on a question is found. */
  answersTo(call: TaskCall): AnswerBox
  /** Told before the call runs. Where it rejects, the call is not run, and has failed with that. */
  started(call: TaskCall, question?: Question): Promise<void>
  /** Told when the call has ended. The next step begins when this has resolved. Where it rejects, the call has failed with that. */
  ended(call: TaskCall, outcome: TaskOutcome): Promise<void>
}

/** Runs a call unless its outcome is remembered, and has its outcome remembered. Answers at once where it is, and need not be waited for. Never rejects. */
export function runRemembered(memory: CallMemory, call: TaskCall, run: () => Promise<TaskOutcome>, question?: Question): TaskOutcome | Promise<TaskOutcome> {
  try {
    const known = memory.recall(call)
    if (known && !(known instanceof Promise) && holds(known, question)) return reused(known)
    return runUnlessKnown(memory, call, run, known, question)
  } catch (thrown) {
    return failedCall(call, thrown, 0)
  }
}

/** Whether what is remembered still counts: not where nobody answered, and the definition now wants an answer. */
export const holds = (known: TaskOutcome, question: Question | undefined): boolean => question?.onTimeout !== 'fail' || !isUnanswered(known)

const reused = (known: TaskOutcome): TaskOutcome => (known.status === 'succeeded' && !known.isReused ? { ...known, isReused: true } : known)

async function runUnlessKnown(memory: CallMemory, call: TaskCall, run: () => Promise<TaskOutcome>, asked: TaskOutcome | Promise<TaskOutcome | undefined> | undefined, question: Question | undefined): Promise<TaskOutcome> {
  let attempt = 0
  try {
    const known = await asked
    if (known && holds(known, question)) return reused(known)
    await memory.started(call, question)
    const outcome = await run()
    attempt = outcome.attempt
    if (isStarted(outcome)) await memory.ended(call, outcome)
    return outcome
  } catch (thrown) {
    return failedCall(call, thrown, attempt)
  }
}
