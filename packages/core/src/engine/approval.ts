import { ContractError, copyJson, parsersOf, TerminalError, type TaskContract } from '@track-orchestrator/registry'
import { z } from 'zod'
import type { TrackTaskDefinition } from '../definition/definition.ts'
import type { Question, TaskCall, TaskOutcome } from './engine.ts'
import { failedCall } from './failed-call.ts'

const shown = z.unknown()
/** Yes or no. */
const yesOrNo = z.boolean()

/** A question is a call like those of tasks, by which its answer is remembered; but no registry has its task, and no handler does it. */
export function approvalContract({ approve, schema }: TrackTaskDefinition): TaskContract {
  return { name: approve!, input: shown, output: schema ?? yesOrNo } as unknown as TaskContract
}

/** The answer as it travels, JSON of its own. Throws `ContractError` where it is not what the question wants. */
export async function checkAnswer(contract: TaskContract, answer: unknown): Promise<unknown> {
  return asAnswer(async () => {
    const copy = copyJson(contract.name, 'output', answer)
    await parsersOf(contract).output(copy)
    return copy
  })
}

/** The outcome of a call that was answered. Rejects with `ContractError` where the answer is not what the question wants. */
export async function answered(call: TaskCall, answer: unknown): Promise<TaskOutcome> {
  const output: unknown = await asAnswer(() => parsersOf(call.contract).output(copyJson(call.contract.name, 'output', answer)))
  return { status: 'succeeded', output, attempt: 1, metadata: {} }
}

/** Whoever answers knows of no output: what is wrong is said of the answer. */
async function asAnswer(check: () => unknown): Promise<unknown> {
  try {
    return await check()
  } catch (error) {
    if (error instanceof ContractError) {
      const { message, stack } = error
      error.message = message.replace(/^The output of (.*?) does not fit its contract: /, 'The answer to $1 does not fit its schema: ')
      error.stack = stack?.replace(message, () => error.message) ?? ''
    }
    throw error
  }
}

/** The outcome of a call that nobody answered in time. */
export function unanswered(call: TaskCall, { timeoutMs, onTimeout }: Question): TaskOutcome {
  if (onTimeout === 'fail') return failedCall(call, new TerminalError(`Nobody answered ${call.step} within ${timeoutMs} ms. Resume the run to ask again.`, { code: timedOutCode }), 1)
  return { status: 'succeeded', output: onTimeout === 'skip' ? null : copyJson(call.contract.name, 'output', onTimeout.fallback), attempt: 1, metadata: { timedOut: true } }
}

export const timedOutCode = 'approval/timed_out'

/** Whether nobody answered, and the track goes on without an answer. */
export const isUnanswered = ({ metadata }: Pick<TaskOutcome, 'metadata'>): boolean => metadata['timedOut'] === true

/** What people are told who follow the run. `until`: milliseconds since 1970. */
export const questionText = ({ step }: Pick<TaskCall, 'step'>, until: number): string => `${step} waits for an answer until ${new Date(until).toISOString()}`
