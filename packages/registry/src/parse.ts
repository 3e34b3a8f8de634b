import { $ZodAsyncError, safeParse, safeParseAsync, type $ZodIssue, type $ZodType } from 'zod/v4/core'
import { ContractError, type ContractIssue } from './errors/contract-error.ts'
import type { TaskContract } from './task-contract.ts'

/** Checks a value and makes of it what its schema says; a promise only where the schema is asynchronous. Throws `ContractError`. */
export type Parser = (value: unknown) => unknown

/**
 * The parser of a schema, ready to be used often. `owner` (a task, track or orchestrator) is named where it refuses.
 * It is synchronous until the schema turns out to need a promise.
 */
export function createParser(schema: $ZodType, owner: string, side: 'input' | 'output'): Parser {
  const { type } = schema._zod.def
  if ((type === 'any' || type === 'unknown') && !schema._zod.def.checks?.length) return (value) => value
  const refuse = (issues: readonly $ZodIssue[]): never => {
    throw new ContractError(owner, side, issues.map(toIssue))
  }
  const parseLater = async (value: unknown) => {
    const result = await safeParseAsync(schema, value)
    return result.success ? result.data : refuse(result.error.issues)
  }
  let asynchronous = false
  return (value) => {
    if (asynchronous) return parseLater(value)
    // What `safeParse` does, less the two objects it makes for every call: this is paid twice for every step.
    try {
      const result = schema._zod.run({ value, issues: [] }, synchronously)
      if (!(result instanceof Promise) && result.issues.length === 0) return result.value
      const refused = safeParse(schema, value) // again, for the messages
      return refused.success ? refused.data : refuse(refused.error.issues)
    } catch (error) {
      if (!(error instanceof $ZodAsyncError)) throw error
      asynchronous = true
      return parseLater(value)
    }
  }
}

const synchronously = { async: false } as const

const parsers = new WeakMap<TaskContract, { readonly input: Parser; readonly output: Parser }>()

/** The parsers of both sides of a contract, made once. */
export function parsersOf(contract: TaskContract): { readonly input: Parser; readonly output: Parser } {
  let found = parsers.get(contract)
  if (!found) {
    const { name, input, output } = contract
    parsers.set(contract, (found = { input: createParser(input, name, 'input'), output: createParser(output, name, 'output') }))
  }
  return found
}

/** The input as the task's handler will see it: checked, defaults filled in. Throws `ContractError`. */
export function parseInput<C extends TaskContract>(contract: C, value: unknown): C['~handler']['input'] | Promise<C['~handler']['input']> {
  return parsersOf(contract).input(value)
}

/** The output as the next step will see it. Throws `ContractError`. */
export function parseOutput<C extends TaskContract>(contract: C, value: unknown): C['~io']['out'] | Promise<C['~io']['out']> {
  return parsersOf(contract).output(value)
}

function toIssue({ path, message }: { path: PropertyKey[]; message: string }): ContractIssue {
  return { path: path.map((part) => (typeof part === 'symbol' ? String(part) : part)), message }
}
