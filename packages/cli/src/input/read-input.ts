import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { baseFieldNames, createParser, parseJsonPath, withoutBaseFields, type ContractError, type Registry } from '@track-orchestrator/registry'
import { adviceOnName } from '@track-orchestrator/registry/options'
import type { $ZodType } from 'zod/v4/core'
import { CommandError, exitCodes } from '../exit.ts'
import { issueLines, pathText } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { describeShape, inputSchemasOf, inputShapeOf, ownOf, shapesAt, unknownKeyIn, type Runnable, type Shape } from './schema-places.ts'

/** The input of a run: a file (`-`: standard input) with what `key=value` says laid over it. Throws `CommandError`, also where it does not fit, before anything is begun. */
export async function readInput({ folder, stdin }: Pick<Terminal, 'folder' | 'stdin'>, file: string | undefined, pairs: readonly string[], registry: Registry, runnable: Runnable): Promise<Record<string, unknown>> {
  const shape = inputShapeOf(registry, runnable)
  const input = file === undefined ? {} : await readFileInput(file, folder, stdin)
  for (const pair of pairs) setAt(input, ...splitPair(pair), shape)
  refuseUnknown(input, shape)
  await refuseUnfit(input, inputSchemasOf(registry, runnable), 'definition' in runnable ? runnable.definition.name : runnable.name, shape)
  return input
}

async function refuseUnfit(input: unknown, schemas: readonly $ZodType[], name: string, shape: Shape | undefined): Promise<void> {
  try {
    for (const schema of schemas) await createParser(schema, name, 'input')(withoutBaseFields(input))
  } catch (error) {
    const lines = issueLines(error as ContractError)
    if (lines === undefined) throw error
    throw new CommandError(`${lines}${shape ? `\n${name} takes ${describeShape(shape)}` : ''}`, exitCodes.usage, { cause: error })
  }
}

async function readFileInput(file: string, folder: string, stdin: NodeJS.ReadableStream): Promise<Record<string, unknown>> {
  if (file === '') throw new CommandError('Say which file: --input <file>, or - for standard input.')
  const json = await (file === '-' ? readAll(stdin) : readFile(resolve(folder, file), 'utf8')).catch((error: Error) => {
    throw new CommandError(`The input ${file} cannot be read: ${error.message}`)
  })
  let value: unknown
  try {
    value = JSON.parse(json.replace(/^\uFEFF/, '')) // a mark that editors write on Windows
  } catch (error) {
    throw new CommandError(`The input ${file} is no JSON: ${(error as Error).message}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new CommandError(`The input ${file} is to be a JSON object, not ${Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`}.`)
  return value as Record<string, unknown>
}

/** `key=value` in its two parts; a = inside `["…"]` is the key's. Throws `CommandError`. */
export function splitPair(pair: string, example = 'key=value (segments[0].text=Hello, size=3, tags=\'["a"]\')'): [path: string, value: string] {
  const at = pair.replaceAll(/\["(?:[^"\\]|\\.)*"\]/g, ({ length }) => '.'.repeat(length)).indexOf('=')
  if (at <= 0) throw new CommandError(`${JSON.stringify(pair)} says nothing: write it as ${example}.`)
  return [pair.slice(0, at), pair.slice(at + 1)]
}

/** What a value on the command line means: JSON, where it is such and the schema takes that; else a text. */
export function valueOf(said: string, shapes: readonly Shape[]): unknown {
  const types = shapes.flatMap(({ type, const: only, enum: values = only === undefined ? undefined : [only] }) => values?.map(typeOf) ?? type ?? ['any'])
  if (types.length > 0 && types.every((type) => type === 'string')) return said
  const value = jsonIn(said)
  if (/^-?\d+$/.test(said) && !Number.isSafeInteger(value) && !types.some((type) => type === 'number' || type === 'integer')) return said // it would be rounded
  // A text of digits, where texts are taken and no numbers: a postcode that may be null.
  return types.includes('string') && !types.some((type) => type === 'any' || type === typeOf(value) || (type === 'integer' && Number.isInteger(value))) ? said : value
}

/** A text that is no JSON stands for itself. */
export function jsonIn(said: string): unknown {
  try {
    return JSON.parse(said)
  } catch {
    return said
  }
}

const typeOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)

/** What `key=value` pairs say, in the types of the shape. Throws `CommandError`. */
export function inputOfPairs(pairs: readonly string[], shape: Shape | undefined): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  for (const pair of pairs) setAt(input, ...splitPair(pair), shape)
  return input
}

function setAt(input: Record<string, unknown>, path: string, said: string, shape: Shape | undefined): void {
  const keys = parseJsonPath(path)
  const value = valueOf(said, shapesAt(shape, keys))
  let at: Record<string | number, unknown> = input
  for (const [index, key] of keys.entries()) {
    if (Array.isArray(at) && (typeof key !== 'number' || key > at.length)) throw new CommandError(`${path} leads nowhere: ${keys.slice(0, index).join('.')} is a list of ${at.length}.`)
    if (index === keys.length - 1) at[key] = value
    else {
      const next = ownOf(at, String(key)) ?? (typeof keys[index + 1] === 'number' ? [] : {})
      if (typeof next !== 'object') throw new CommandError(`${path} leads nowhere: ${keys.slice(0, index + 1).join('.')} is ${JSON.stringify(next)}.`)
      at = (at[key] = next) as Record<string | number, unknown>
    }
  }
}

/** A key that nobody reads is a slip of the pen, deep inside too: the schema would drop it without a word. Throws `CommandError`. */
export function refuseUnknown(input: Readonly<Record<string, unknown>>, shape: Shape | undefined): void {
  const own = Object.fromEntries(Object.entries(input).filter(([key]) => !(baseFieldNames as readonly string[]).includes(key) || ownOf(shape?.properties, key)))
  const unknown = unknownKeyIn(own, shape)
  if (unknown) throw new CommandError(`There is no input ${JSON.stringify(pathText(unknown.path))}. ${adviceOnName(String(unknown.path.at(-1)), unknown.known)}\nIt takes ${describeShape(shape!)}`)
}
