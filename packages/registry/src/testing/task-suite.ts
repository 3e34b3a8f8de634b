import { describe, expect, test } from 'vitest'
import { ContractError } from '../errors/contract-error.ts'
import type { TaskHandler } from '../handler.ts'
import { parseInput, parseOutput } from '../parse.ts'
import type { TaskContract } from '../task-contract.ts'
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
  /** How long one example may take. Default 60,000. */
  readonly timeoutMs?: number
}

/** How soon a handler must have given up when its signal was aborted before it began, in milliseconds. */
const quick = 2_000

/** The behaviour that every task owes its users. Needs vitest. */
export function taskSuite<C extends TaskContract>({ contract, handler, examples, refuses, context, timeoutMs = 60_000 }: TaskUnderTest<C>): void {
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

    test('does nothing when it was cancelled before it began', async () => {
      const example = Object.values(examples)[0]
      if (!example) throw new Error(`taskSuite of ${contract.name} needs an example`)
      const input = await parseInput(contract, example())
      const began = Date.now()
      await expect((async () => handler()(input, newContext({ signal: AbortSignal.abort() })))()).rejects.toBeDefined()
      expect(Date.now() - began).toBeLessThan(quick)
    })
  })
}
