import { ContractError } from '../errors/contract-error.ts'
import type { TaskHandler } from '../handler.ts'
import { parseInput, parseOutput } from '../parse.ts'
import type { TaskContract } from '../task-contract.ts'
import { loadVitest } from '../vitest/index.ts'
import { createTestContext, type TestContextOptions } from './test-context.ts'

export interface TaskUnderTest<C extends TaskContract> {
  readonly contract: C
  /** Called where a test needs it, so that it may use what `beforeAll` made. */
  readonly handler: () => TaskHandler<C>
  /** Inputs that must work, by a few words of what they are. */
  readonly examples: Readonly<Record<string, () => C['~io']['in']>>
  /** Inputs that the contract must refuse, and where: a path such as `parts.0.url`. */
  readonly refuses: Readonly<Record<string, { readonly input: unknown; readonly path: string }>>
  readonly context?: () => TestContextOptions
  /** How long one example may take. Default 180,000. */
  readonly timeoutMs?: number
  /**
   * That the handler looks at its signal: called with one that is aborted, it throws within 2 seconds. For handlers that take long, or whose
   * work costs money. Default false: what was cancelled before it began is refused by the runner, so that a plain handler need not look.
   */
  readonly heedsSignal?: boolean
}

/** How soon a handler that heeds its signal must have given up, in milliseconds. */
const quick = 2_000

/**
 * What every task owes its users, as tests: each example is answered with results that fit the contract and survive JSON, and each input that is
 * to be refused is refused by the contract, at the path that you name. With `heedsSignal` also that the handler gives up when it is told to.
 * Needs vitest; throws an `Error` where there is no example.
 */
export function taskSuite<C extends TaskContract>({ contract, handler, examples, refuses, context, timeoutMs = 180_000, heedsSignal = false }: TaskUnderTest<C>): void {
  const { describe, expect, test } = loadVitest('taskSuite')
  const [firstExample] = Object.values(examples)
  if (!firstExample) throw new Error(`taskSuite of ${contract.name} needs an example: an input that must work.`)
  const newContext = (options: TestContextOptions = {}) => createTestContext({ taskName: contract.name, ...context?.(), ...options })

  describe(`${contract.name}, like every task,`, () => {
    for (const [title, input] of Object.entries(examples)) {
      test(`answers ${title} with results that fit its contract and survive JSON`, { timeout: timeoutMs }, async () => {
        const results = await handler()(await parseInput(contract, input()), newContext())
        const parsed: unknown = await parseOutput(contract, results)
        expect(JSON.parse(JSON.stringify(parsed))).toEqual(parsed)
      })
    }

    for (const [title, { input, path }] of Object.entries(refuses)) {
      test(`refuses ${title}, naming ${path}`, async () => {
        const error = await Promise.resolve()
          .then(() => parseInput(contract, input))
          .then(() => undefined, (thrown: unknown) => thrown)
        expect(error).toBeInstanceOf(ContractError)
        expect(error).toMatchObject({ taskName: contract.name, side: 'input', retryable: false })
        expect((error as ContractError).issues.map((issue) => issue.path.join('.'))).toContain(path)
      })
    }

    if (!heedsSignal) return
    test('gives up at once when its signal is aborted', async () => {
      const input = await parseInput(contract, firstExample())
      const began = Date.now()
      const ended = (async () => handler()(input, newContext({ signal: AbortSignal.abort() })))()
      await expect(ended, 'the handler answered although its signal was aborted: hand context.signal on, or call context.signal.throwIfAborted()').rejects.toBeDefined()
      expect(Date.now() - began).toBeLessThan(quick)
    })
  })
}
