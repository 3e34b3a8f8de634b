import { $ZodAsyncError, safeParse, safeParseAsync, type $ZodType } from 'zod/v4/core'
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
  const open = (result: ReturnType<typeof safeParse<$ZodType>>): unknown => {
    if (result.success) return result.data
    throw new ContractError(owner, side, result.error.issues.map(toIssue))
  }
  let parse: Parser = (value) => {
    try {
      return open(safeParse(schema, value))
    } catch (error) {
      if (!(error instanceof $ZodAsyncError)) throw error
      parse = (again) => safeParseAsync(schema, again).then(open)
      return parse(value)
    }
  }
  return (value) => parse(value)
}

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
