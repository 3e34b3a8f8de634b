import type { BaseFields } from '../base-fields.ts'
import { checkCost, type Cost } from '../cost.ts'
import { TerminalError } from '../errors/ending-errors.ts'
import type { TaskContext, TaskRequest } from '../handler.ts'
import { parseInput, parseOutput } from '../parse.ts'
import type { TaskContract } from '../task-contract.ts'

export interface TestContextOptions extends Partial<BaseFields> {
  /** By task name: what `runTasks` calls, directly and in this process. Default: none. */
  readonly handlers?: Readonly<Record<string, (input: any, context: TaskContext) => unknown>>
  /** Default `test_task`. */
  readonly taskName?: string
  /** Default `run-1`. */
  readonly runId?: string
  /** Default: a signal that nobody aborts. */
  readonly signal?: AbortSignal
  /** Told as progress is reported, beside `progressed`. */
  readonly onProgress?: TaskContext['progress']
}

/** A line that a handler logged. */
export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields?: Readonly<Record<string, unknown>>
}

/** A context for calling a handler in a test, and what the handler did with it. */
export interface TestContext extends TaskContext {
  /** In the order in which it was told. */
  readonly progressed: { readonly fraction: number; readonly note?: string }[]
  readonly logged: LoggedLine[]
  /** What was paid, also by tasks that it ran. */
  readonly paid: Cost[]
}

/**
 * A context that records progress and lines, and runs other tasks on the given handlers: inputs and outputs parsed, the first
 * failure thrown when all have ended, as engines do.
 */
export function createTestContext(options: TestContextOptions = {}): TestContext {
  const { handlers = {}, taskName = 'test_task', runId = 'run-1', tenantId = 'tenant-1', projectId = 'project-1' } = options
  const progressed: TestContext['progressed'] = []
  const logged: LoggedLine[] = []
  const paid: Cost[] = []
  const log = (level: LoggedLine['level']) => (message: string, fields?: LoggedLine['fields']) => {
    logged.push({ level, message, ...(fields && { fields }) })
  }
  const call = async ({ task, input }: TaskRequest<TaskContract>, onProgress?: (fraction: number) => void): Promise<unknown> => {
    const handler = handlers[task.name]
    if (!handler) throw new TerminalError(`The test context has no handler for ${task.name}`, { code: 'handler_missing' })
    const child = createTestContext({ ...options, taskName: task.name, ...(onProgress && { onProgress }) })
    try {
      return await parseOutput(task, await handler(await parseInput(task, input), child))
    } finally {
      paid.push(...child.paid)
    }
  }
  return {
    run: { id: runId },
    ...{ taskName, tenantId, projectId, progressed, logged, paid },
    ...(options.userId !== undefined && { userId: options.userId }),
    ...(options.trampData && { trampData: options.trampData }),
    attempt: 1,
    signal: options.signal ?? new AbortController().signal,
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    progress(fraction, note) {
      progressed.push({ fraction, ...(note !== undefined && { note }) })
      options.onProgress?.(fraction, note)
    },
    async runTasks(calls, { concurrency = calls.length, onProgress } = {}) {
      const fractions: number[] = calls.map(() => 0)
      let ended = 0
      const move = (place: number, fraction: number) => {
        fractions[place] = fraction
        onProgress?.({ fraction: fractions.reduce((sum, each) => sum + each, 0) / calls.length, ended })
      }
      return mapWithLimit(calls, concurrency, async (request, place) => {
        try {
          return await call(request, (fraction) => move(place, fraction))
        } finally {
          ended++
          move(place, 1)
        }
      })
    },
    cost(cost) {
      paid.push(checkCost('cost', cost))
    },
    metadata: {},
  }
}

async function mapWithLimit<Item, Result>(items: readonly Item[], limit: number, work: (item: Item, place: number) => Promise<Result>): Promise<Result[]> {
  const results: PromiseSettledResult<Result>[] = []
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const index = next++
      const [settled] = await Promise.allSettled([work(items[index]!, index)])
      results[index] = settled
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}
