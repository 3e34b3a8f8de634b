import type { IncomingMessage, ServerResponse } from 'node:http'
import { ContractError, redact, TracksError } from '@track-orchestrator/registry'
import { runStatuses, type ActRequest, type RunQuery, type ViewerInfo, type WireError } from '../model/wire.ts'
import type { RunSource } from '../source/run-source.ts'
import { actRefused } from '../source/viewer-error.ts'
import { exportRun } from '../export/export-run.ts'
import { pageHeaders } from './guard.ts'
import type { PageFiles } from '../page-files.ts'
import { sendMedia } from './send-media.ts'
import { streamRun } from './stream-run.ts'

/** A request that was let through. */
export interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly path: string
  readonly query: URLSearchParams
}

/** Answers one request. Errors become JSON with a code; never a stack. */
export async function answer(source: RunSource, page: () => PageFiles, asked: Asked): Promise<void> {
  try {
    await route(source, page, asked)
  } catch (error) {
    const { response } = asked
    if (response.headersSent) return void response.destroy()
    const known = TracksError.is(error) ? error : undefined
    const body: WireError = { error: { code: known?.code ?? 'task_failed', message: known?.message ?? redact(error instanceof Error ? error.message : String(error)) } }
    sendJson(response, body, statusOf(known))
  }
}

function statusOf(error: TracksError | undefined): number {
  if (!error) return 500
  if (error.code === 'viewer/unknown_run' || error.code === 'viewer/unknown_value' || error.code === 'journal/unknown_run') return 404
  if (error.code === 'viewer/media_refused') return 403
  return error.code === 'contract_violated' || error.code === 'definition_invalid' ? 400 : 409
}

async function route(source: RunSource, page: () => PageFiles, asked: Asked): Promise<void> {
  const { request, response, path, query } = asked
  const parts = path.slice(1).split('/').map((part) => decode(part))
  const files: Readonly<Record<string, readonly [keyof PageFiles, string]>> = { '': ['html', 'text/html'], 'page.js': ['script', 'text/javascript'], 'page.css': ['style', 'text/css'] }
  const file = parts.length === 1 && Object.hasOwn(files, parts[0]!) ? files[parts[0]!] : undefined
  if (request.method === 'POST') {
    if (parts.length === 4 && parts[0] === 'api' && parts[1] === 'runs' && parts[3] === 'acts') return sendJson(response, await act(source, parts[2]!, request))
    return notFound(response)
  }
  if (file) return void response.writeHead(200, { ...pageHeaders, 'content-type': `${file[1]}; charset=utf-8` }).end(page()[file[0]])
  if (parts[0] !== 'api') return notFound(response)
  const [, what, runId = '', ...rest] = parts
  if (what === 'info' && parts.length === 2) return sendJson(response, { source: source.name, canCompare: source.compare !== undefined } satisfies ViewerInfo)
  if (what === 'compare' && parts.length === 2 && source.compare) return sendJson(response, await source.compare(required(query, 'before'), required(query, 'after')))
  if (what !== 'runs') return notFound(response)
  if (parts.length === 2) return sendJson(response, await source.list(runQuery(query)))
  if (rest.length === 0) return sendJson(response, await source.run(runId))
  if (rest.length === 1 && rest[0] === 'events') return sendJson(response, await source.events(runId, query.get('after') ?? undefined))
  if (rest.length === 1 && rest[0] === 'stream') return streamRun(request, response, source, runId, query.get('after') ?? undefined)
  if (rest.length === 1 && rest[0] === 'media' && source.media) return sendMedia(request, response, await source.media(runId, required(query, 'value'), required(query, 'url')))
  if (rest.length === 1 && rest[0] === 'export') {
    const html = await exportRun(source, runId, page())
    return void response.writeHead(200, { ...pageHeaders, 'content-type': 'application/octet-stream', 'content-disposition': `attachment; filename="run-${runId.replaceAll(/[^\w.-]/g, '_')}.html"` }).end(html)
  }
  if (rest.length === 2 && rest[0] === 'values') return sendJson(response, { value: await source.value(runId, rest[1]!) })
  return notFound(response)
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function runQuery(query: URLSearchParams): RunQuery {
  const text = (name: string) => query.get(name) ?? undefined
  const limit = query.has('limit') ? Number(query.get('limit')) : undefined
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1 && limit <= 500)) throw wrong('limit', 'a whole number from 1 to 500')
  const status = text('status')
  if (status !== undefined && !(runStatuses as readonly string[]).includes(status)) throw wrong('status', `one of ${runStatuses.join(', ')}`)
  return { status: status as RunQuery['status'], tenantId: text('tenantId'), name: text('name'), text: text('text'), limit, after: text('after') }
}

function required(query: URLSearchParams, name: string): string {
  const value = query.get(name)
  if (value === null || value === '') throw wrong(name, 'a text')
  return value
}

const wrong = (name: string, expected: string): ContractError => new ContractError('viewer', 'input', [{ path: [name], message: `expected ${expected}` }])

const mostActBytes = 1_000_000

async function act(source: RunSource, runId: string, request: IncomingMessage): Promise<{ readonly runId: string }> {
  if (!source.act) throw actRefused('These runs can only be looked at.')
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length
    if (bytes > mostActBytes) throw wrong('body', 'at most 1 MB')
    chunks.push(chunk as Buffer)
  }
  let body: unknown
  try {
    body = JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    throw wrong('body', 'JSON')
  }
  const { act: name, from, set, step, value } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  if (name !== 'resume' && name !== 'fork' && name !== 'cancel' && name !== 'answer') throw wrong('act', 'resume, fork, cancel or answer')
  if (name === 'answer') {
    if (typeof step !== 'string' || step === '') throw wrong('step', 'the path of a step')
    return source.act(runId, { act: name, step, value }) // who is not asked says so
  }
  if (from !== undefined && typeof from !== 'string') throw wrong('from', 'the path of a step')
  if (set !== undefined && (typeof set !== 'object' || set === null || Array.isArray(set))) throw wrong('set', 'values by JSON path')
  const { acts } = await source.run(runId)
  if (!acts.some(({ act: can }) => can === name)) throw actRefused(`As run ${runId} stands, there is nothing to ${name}.`)
  return source.act(runId, { act: name, ...(from !== undefined && { from }), ...(set !== undefined && { set }) } as ActRequest)
}

function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { ...pageHeaders, 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value))
}

const notFound = (response: ServerResponse): void => sendJson(response, { error: { code: 'viewer/not_found', message: 'There is nothing here.' } } satisfies WireError, 404)
