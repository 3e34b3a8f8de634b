import type { Context } from 'hono'
import type { Engine } from '../engine/engine.ts'
import { RequestError } from '../engine/request-error.ts'
import type { Run } from '../engine/run.ts'

/** How large a trigger's body, or one batch item, may be. The cloud's limit. */
export const payloadLimitBytes = 3 * 1024 * 1024
/** How large an attempt's outcome may be. The cloud's limit. */
const outputLimitBytes = 10 * 1024 * 1024

interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: { message: string } }
}

/** The body as the schema reads it. */
export async function readBody<T>(context: Context, schema: Schema<T>, limitBytes?: number): Promise<T> {
  return check(schema, await readJson(context, limitBytes))
}

/** The body as an object, empty if there is none. The content type is not asked for: the CLI leaves it out at times. */
export async function readJson(context: Context, limitBytes = outputLimitBytes): Promise<Record<string, unknown>> {
  const text = await context.req.text()
  if (Buffer.byteLength(text) > limitBytes) throw new RequestError('Request body too large', 413)
  return text === '' ? {} : (parseJson(text) as Record<string, unknown>)
}

/** The body's lines, each as JSON with its size. */
export async function readLines(context: Context): Promise<{ value: unknown; sizeBytes: number }[]> {
  const lines = (await context.req.text()).split('\n').filter((line) => line.trim() !== '')
  return lines.map((line) => ({ value: parseJson(line), sizeBytes: Buffer.byteLength(line) }))
}

/** The value as the schema reads it. */
export function check<T>(schema: Schema<T>, value: unknown, status: RequestError['status'] = 400): T {
  const result = schema.safeParse(value)
  if (!result.success) throw new RequestError(result.error.message, status)
  return result.data
}

/** The run that the path names. */
export function runIn(engine: Engine, context: Context): Run {
  return found(engine.runs.get(context.req.param('run') ?? ''), 'Run not found')
}

/** What was found, or a 404. */
export function found<T>(thing: T | undefined, message: string): T {
  if (thing === undefined) throw new RequestError(message, 404)
  return thing
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new RequestError('Invalid JSON', 400)
  }
}
