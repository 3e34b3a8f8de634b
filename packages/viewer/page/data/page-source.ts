import type { ActRequest, Comparison, EventPage, RunPage, RunQuery, ViewedRunDetails, ViewerInfo, WireError } from '../../src/model/wire.ts'

/** What went wrong with a request, as the server says it. */
export class RequestError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export interface RunListener {
  readonly events: (page: EventPage) => void
  readonly run: (run: ViewedRunDetails) => void
  readonly failed: (error: { readonly code: string; readonly message: string }) => void
  /** Whether the server is heard. */
  readonly connected: (isConnected: boolean) => void
}

/** Where the page has its data from: a server, or the page itself. */
export interface PageSource {
  /** One run, that stands in the page. */
  readonly exported?: { readonly runId: string; readonly exportedAt: number }
  info(): Promise<ViewerInfo>
  list(query: RunQuery): Promise<RunPage>
  run(runId: string): Promise<ViewedRunDetails>
  events(runId: string, after: string | undefined): Promise<EventPage>
  value(runId: string, reference: string): Promise<unknown>
  compare(before: string, after: string): Promise<Comparison>
  act(runId: string, request: ActRequest): Promise<{ readonly runId: string }>
  /** Follows a run from its beginning. Returns what ends that. */
  follow(runId: string, listener: RunListener): () => void
  /** Where a file of the run is to be had. Nothing where it cannot. */
  mediaUrl(runId: string, reference: string, url: string): string | undefined
  exportUrl(runId: string): string | undefined
}

const runAt = (runId: string) => `api/runs/${encodeURIComponent(runId)}`

/** The server that sent the page. Addresses are relative: the token stands before them. */
export const serverSource: PageSource = {
  info: () => ask('api/info'),
  list: (query) => ask(`api/runs${queryOf({ ...query })}`),
  run: (runId) => ask(runAt(runId)),
  events: (runId, after) => ask(`${runAt(runId)}/events${queryOf({ after })}`),
  value: async (runId, reference) => (await ask<{ value?: unknown }>(`${runAt(runId)}/values/${encodeURIComponent(reference)}`)).value,
  compare: (before, after) => ask(`api/compare${queryOf({ before, after })}`),
  act: (runId, request) => ask(`${runAt(runId)}/acts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) }),
  follow(runId, { events, run, failed, connected }) {
    const stream = new EventSource(`${runAt(runId)}/stream`)
    const on = (name: string, hear: (data: never) => void) => stream.addEventListener(name, (event) => hear(JSON.parse((event as MessageEvent<string>).data) as never))
    on('events', events)
    on('run', run)
    on('failed', (error: { readonly code: string; readonly message: string }) => {
      stream.close()
      failed(error)
    })
    stream.addEventListener('open', () => connected(true))
    stream.addEventListener('error', () => connected(false))
    return () => stream.close()
  },
  mediaUrl: (runId, reference, url) => `${runAt(runId)}/media${queryOf({ value: reference, url })}`,
  exportUrl: (runId) => `${runAt(runId)}/export`,
}

function queryOf(given: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(given)) if (value !== undefined && value !== '') query.set(name, String(value))
  return query.size === 0 ? '' : `?${query.toString()}`
}

async function ask<Answer>(path: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(path, init).catch(() => {
    throw new RequestError('viewer/no_answer', 'The viewer does not answer: is tracks view still running?')
  })
  const body = (await response.json().catch(() => ({}))) as Answer | WireError
  if (response.ok) return body as Answer
  const { error } = body as Partial<WireError>
  throw new RequestError(error?.code ?? 'viewer/no_answer', error?.message ?? `The viewer answered ${response.status}.`)
}
