import type { TrackTaskDefinition } from '../definition/definition.ts'
import { answerTo } from './asking-flows.ts'

// What single tasks of the suite, and steps that ask, should come to: see `modelRun`.

/** Tells where something happens what does. */
export type Tell = (where: string, line: string) => void

/** How something ends that does not succeed. */
export class Failure extends Error {
  readonly code: string
  readonly attempt: number
  constructor(code: string, attempt = 1) {
    super(code)
    this.code = code
    this.attempt = attempt
  }
}

/** Answered as `answerTo` says, or by nobody in time. */
export function modelQuestion(step: TrackTaskDefinition, previous: unknown, original: unknown, outputs: object): { results: unknown; attempt: number; isSkipped?: boolean } {
  const { input, onTimeout = 'fail' } = step
  if (input) mapper(() => input(previous, original, { outputs }))
  const answer = answerTo(step)
  if (answer === false) throw new Failure('approval/rejected')
  if (answer === true) return { results: undefined, attempt: 1 }
  if (answer !== undefined) return { results: { ...answer, more: 5 }, attempt: 1 }
  if (onTimeout === 'fail') throw new Failure('approval/timed_out')
  return onTimeout === 'skip' ? { results: undefined, attempt: 1, isSkipped: true } : { results: onTimeout.fallback, attempt: 1 }
}

/** What a task comes to. `retried`: told of attempts that are tried again. */
export function modelTask(taskName: string, step: string, path: string, given: unknown, retried: (line: string) => void, tell: Tell): { results: unknown; attempt: number } {
  const input = given as Record<string, any>
  if (taskName === 'suite_add') return { results: { n: input['n'] + (input['by'] ?? 1) }, attempt: 1 }
  if (taskName === 'suite_changes_input') {
    retried(`step.retrying ${step} attempt 1`)
    return { results: { list: [9, ...input['list']] }, attempt: 2 }
  }
  if (taskName === 'suite_list') return { results: { items: Array.from({ length: input['count'] }, (_, n) => ({ n })) }, attempt: 1 }
  if (taskName === 'suite_fan_out') {
    const { count, failAt } = input as { count: number; failAt?: number }
    if (failAt !== undefined && failAt < count) throw new Failure('contract_violated')
    const order: number[] = []
    for (let n = 0; n < count; n++) {
      for (const line of [`step.started ${step}`, `step.succeeded ${step} attempt 1`]) tell(`${path}/${n}:suite_add`, line)
      order.push(n + 100)
    }
    return { results: { sum: order.reduce((sum, n) => sum + n, 0), order }, attempt: 1 }
  }
  const { failures = 1_000, how = 'unknown' } = input as { failures?: number; how?: 'unknown' | 'terminal' | 'provider' | 'output' }
  for (let attempt = 1; attempt <= failures; attempt++) {
    if (how === 'terminal') throw new Failure('suite/never', attempt)
    if (how === 'output') throw new Failure('contract_violated', attempt)
    if (attempt === 3) throw new Failure(how === 'provider' ? 'provider_failed' : 'task_failed', attempt)
    retried(`step.retrying ${step} attempt ${attempt}`)
  }
  return { results: { attempt: failures + 1 }, attempt: failures + 1 }
}

/** What a mapper makes; throws a `Failure` where it throws. */
export function mapper<Result>(map: () => Result): Result {
  try {
    return map()
  } catch {
    throw new Failure('mapper_failed')
  }
}
