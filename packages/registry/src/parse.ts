import { config, util, type $ZodIssue, type $ZodType } from 'zod/v4/core'
import { ContractError, type ContractIssue } from './errors/contract-error.ts'
import { toTracksError } from './errors/error-json.ts'
import { guardCode, type GuardedSchema } from './schema/guard-code.ts'
import { copyIfPlain, deepest, isBoundless, JsonCopier, notPlain } from './json/json-copy.ts'
import { asJson, ownerOf, type Owner } from './schema/own-value.ts'
import { checkIsSchema } from './schema/zod-schema.ts'
import type { TaskContract } from './task-contract.ts'

/** Checks a value and makes of it what its schema says; a promise only where the schema is asynchronous. Throws `ContractError`. */
export type Parser = (value: unknown) => unknown

export interface ParserOptions {
  /** The parsed value goes to other processes: all of it must be JSON. Default: true for outputs. */
  readonly crosses?: boolean
}

/**
 * The parser of a schema, ready to be used often. `owner` (a task, track or orchestrator) is named where it refuses.
 * What it gives shares no object with what went in, and keys that are `undefined` are dropped. What passes by the schema (`any`, extra keys)
 * is copied, and refused where it is no JSON: a Date, a class instance, NaN, `undefined` in a list, a circle. It is synchronous until
 * code of the schema answers with a promise. What that code throws is an issue at its place.
 */
export function createParser(schema: $ZodType, owner: string, side: 'input' | 'output', { crosses = side === 'output' }: ParserOptions = {}): Parser {
  checkIsSchema(`The ${side} schema of ${owner}`, schema)
  const { own, isRecursive } = ownerOf(schema, crosses)
  const refuse = (issues: readonly ContractIssue[], cause?: unknown): never => {
    throw new ContractError(owner, side, issues, undefined, cause)
  }
  const finish = ({ value, issues }: Parsed): unknown => {
    if (issues.length > 0) return refuse(issues.map(toIssue))
    return own ? owned(own, value, refuse) : value
  }
  const parse = parseWith(schema, guardCode(schema), finish, (thrown) => refuse([thrownIssue(thrown)], thrown))
  if (!isRecursive) return parse
  return (value) => (isBoundless(value) ? refuse([{ path: [], message: `nested deeper than ${deepest.toLocaleString('en-US')} levels, in a circle, or without end` }]) : parse(value))
}

type Parsed = { readonly value: unknown; readonly issues: readonly RawIssue[] }
type RawIssue = Parameters<typeof util.finalizeIssue>[0]

/** Runs the schema itself: what `safeParse` does, less the two objects it makes for every call, for this is paid twice for every step. */
function parseWith(schema: $ZodType, code: GuardedSchema | undefined, finish: (parsed: Parsed) => unknown, fail: (thrown: unknown) => never): Parser {
  const { _zod } = code?.schema ?? schema
  let isAsync = false
  const settle = (parsed: Parsed | Promise<Parsed>) => (parsed instanceof Promise ? parsed.then(finish, fail) : finish(parsed))
  // A context of its own for every run: zod remembers in it what it has made of which object, and would give that again.
  const start = (value: unknown): Parsed | Promise<Parsed> => {
    if (isAsync) return _zod.run({ value, issues: [] }, { async: true })
    try {
      return _zod.run({ value, issues: [] }, { async: false })
    } catch (thrown) {
      // Its promises are left behind; being guarded, none of them rejects.
      isAsync = code?.isAsync() ?? false
      if (!isAsync) throw thrown
      return _zod.run({ value, issues: [] }, { async: true })
    }
  }
  return (value) => {
    let parsed: Parsed | Promise<Parsed>
    try {
      parsed = start(value)
    } catch (thrown) {
      return fail(thrown)
    }
    return settle(parsed)
  }
}

function owned(own: Owner, value: unknown, refuse: (issues: readonly ContractIssue[]) => never): unknown {
  if (own === asJson) {
    const copied = copyIfPlain(value)
    if (copied !== notPlain) return copied
  }
  const copier = new JsonCopier()
  const result = own(value, copier)
  return copier.issues ? refuse(copier.issues) : result
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

/** A deep copy of a value that is of no schema and must be JSON: what a merge makes, say. Throws `ContractError` naming `owner`, where it is none. */
export function copyJson(owner: string, side: 'input' | 'output', value: unknown): unknown {
  return owned(asJson, value, (issues) => {
    throw new ContractError(owner, side, issues)
  })
}

function toIssue(raw: RawIssue): ContractIssue {
  const { path, message, expected } = finalized(raw)
  // Without a language (zod/mini loads none) zod says no more than that.
  const told = message === 'Invalid input' && typeof expected === 'string' ? `Invalid input: expected ${expected}` : message
  return { path: path.map((part) => (typeof part === 'symbol' ? String(part) : part)), message: told }
}

/** The issue with its message, which a function of the schema's author may make: one that throws costs its message only. */
function finalized(raw: RawIssue): $ZodIssue & { readonly expected?: unknown } {
  try {
    return util.finalizeIssue(raw, {}, config())
  } catch {
    return { ...raw, path: raw.path ?? [], message: 'Invalid input' } as unknown as $ZodIssue
  }
}

function thrownIssue(thrown: unknown): ContractIssue {
  if (thrown instanceof RangeError) return { path: [], message: 'nested too deep, or wrong in too many places, to be told apart' }
  return { path: [], message: `could not be checked: ${toTracksError(thrown).message}` }
}
