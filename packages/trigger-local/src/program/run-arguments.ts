import { parseArgs } from 'node:util'
import { durationMsOf } from '../engine/duration.ts'
import { UsageError } from './program.ts'

export interface RunArguments {
  readonly task: string
  readonly payload: unknown
  readonly waits: boolean
  /** How long is waited, in milliseconds. */
  readonly timeoutMs: number
}

/** Reads `<task> key=value … [--payload json] [--wait] [--timeout 10m]`. Throws a UsageError that says what is wrong. */
export function readRunArguments(given: readonly string[]): RunArguments {
  const { values, positionals } = parse(given)
  const [task, ...pairs] = positionals
  if (task === undefined) throw new UsageError('Which task? trigger-local run <task> key=value … [--wait]')
  if (values.payload !== undefined && pairs.length > 0) throw new UsageError('Say the payload either as key=value or by --payload, not both.')
  return {
    task, waits: values.wait ?? values.timeout !== undefined, timeoutMs: durationOf(values.timeout ?? '10m'),
    payload: values.payload === undefined ? payloadOf(pairs) : json(values.payload),
  }
}

function parse(given: readonly string[]) {
  try {
    return parseArgs({ args: [...given], allowPositionals: true, options: { payload: { type: 'string' }, wait: { type: 'boolean' }, timeout: { type: 'string' } } })
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}. trigger-local run takes --payload, --wait and --timeout.`, { cause: error })
  }
}

/** Values that are JSON are taken as that, all others as text: `n=3 tags=["a"] name=you`. */
function payloadOf(pairs: readonly string[]): Record<string, unknown> {
  const entries = pairs.map((pair) => {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? []
    if (key === undefined) throw new UsageError(`${JSON.stringify(pair)} is no key=value. What is not an object goes by --payload: --payload '"text"'`)
    return [key, valueOf(value!)] as const
  })
  const twice = entries.find(([key], index) => entries.findIndex(([other]) => other === key) < index)
  if (twice) throw new UsageError(`${twice[0]} is given twice.`)
  return Object.fromEntries(entries)
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(`--payload is no JSON: ${(error as Error).message}`, { cause: error })
  }
}

function durationOf(text: string): number {
  try {
    return durationMsOf(text)
  } catch (error) {
    throw new UsageError(`--timeout: ${(error as Error).message}`, { cause: error })
  }
}
