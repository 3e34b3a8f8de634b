import { $ZodAsyncError, safeParse, safeParseAsync, type $ZodType } from 'zod/v4/core'
import { ContractError, type ContractIssue } from './errors/contract-error.ts'
import type { TaskContract } from './task-contract.ts'

/** Schemas that turned out to need a promise: they are not tried synchronously again. */
const asynchronous = new WeakSet<$ZodType>()

type Parsed = ReturnType<typeof safeParse<$ZodType>>

/** The value as the schema makes it; a promise only where the schema is asynchronous. Throws `ContractError` naming `owner`. */
export function parseWith(schema: $ZodType, owner: string, side: 'input' | 'output', value: unknown): unknown {
  if (!asynchronous.has(schema)) {
    try {
      return open(safeParse(schema, value), owner, side)
    } catch (error) {
      if (!(error instanceof $ZodAsyncError)) throw error
      asynchronous.add(schema)
    }
  }
  return safeParseAsync(schema, value).then((result) => open(result, owner, side))
}

/** The input as the task's handler will see it: checked, defaults filled in. Throws `ContractError`. */
export function parseInput<C extends TaskContract>(contract: C, value: unknown): C['~handler']['input'] | Promise<C['~handler']['input']> {
  return parseWith(contract.input, contract.name, 'input', value)
}

/** The output as the next step will see it. Throws `ContractError`. */
export function parseOutput<C extends TaskContract>(contract: C, value: unknown): C['~io']['out'] | Promise<C['~io']['out']> {
  return parseWith(contract.output, contract.name, 'output', value)
}

function open(result: Parsed, owner: string, side: 'input' | 'output'): unknown {
  if (result.success) return result.data
  throw new ContractError(owner, side, result.error.issues.map(toIssue))
}

function toIssue({ path, message }: { path: PropertyKey[]; message: string }): ContractIssue {
  return { path: path.map((part) => (typeof part === 'symbol' ? String(part) : part)), message }
}
