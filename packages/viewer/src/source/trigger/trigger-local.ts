import { redact, TerminalError } from '@track-orchestrator/registry'

// The small HTTP API of trigger-local, as far as runs are read from it.

/** A run of Trigger.dev in a list. Dates are ISO 8601. */
export interface TriggerSummary {
  readonly id: string
  readonly task: string
  /** As Trigger.dev's API calls it: `QUEUED`, `EXECUTING`, `COMPLETED`, `FAILED`, … */
  readonly status: string
  readonly hasEnded: boolean
  readonly attemptCount: number
  readonly createdAt: string
  readonly startedAt?: string
  readonly finishedAt?: string
  readonly parentId?: string
  readonly payload: unknown
}

/** A run with what it made. */
export interface TriggerRun extends TriggerSummary {
  readonly output?: unknown
  readonly error?: { readonly name?: string; readonly message: string; readonly stackTrace?: string }
  readonly metadata: unknown
  readonly logs: readonly { readonly at: string; readonly severity: string; readonly message: string; readonly fields?: unknown }[]
}

export interface TriggerLocalAddress {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  readonly key: string
}

export interface TriggerLocal {
  /** The latest first, with the fields of their payloads that are named. */
  roots(fields: readonly string[]): Promise<readonly TriggerSummary[]>
  /** The run and all that it made. `since`: what the answer before stood at; where nothing has happened since, there are no runs in it. Nothing where there is no such run. */
  tree(id: string, since: string | undefined): Promise<{ readonly at: string; readonly runs?: readonly TriggerRun[] } | undefined>
}

const loopbackNames: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])
/** More runs than a person looks through. */
const mostRoots = 10_000
const mostMs = 30_000

/** Talks to a trigger-local that runs. Throws `viewer/trigger_local` where the address leads off this machine; its calls, where it does not answer. */
export function connectTriggerLocal({ url, key }: TriggerLocalAddress): TriggerLocal {
  const base = URL.canParse(url) ? new URL(url) : undefined
  if (base?.protocol !== 'http:' || !loopbackNames.has(base.hostname)) throw fault(`${JSON.stringify(redact(url))} is no address of trigger-local: it is http://127.0.0.1:<port>.`)
  const ask = async <Answer>(path: string): Promise<Answer | undefined> => {
    // A redirect would carry the key elsewhere.
    const response = await fetch(new URL(path, base), { headers: { authorization: `Bearer ${key}` }, redirect: 'error', signal: AbortSignal.timeout(mostMs) }).catch((cause: unknown) => {
      throw fault(`trigger-local does not answer at ${base.origin}. Is it running?`, cause)
    })
    if (response.ok) return (await response.json()) as Answer
    await response.body?.cancel()
    if (response.status === 404) return undefined
    throw fault(response.status === 401 ? `trigger-local at ${base.origin} does not know the key. Give the whole address that it printed, with what stands behind the #.` : `trigger-local at ${base.origin} answered ${response.status}.`)
  }
  return {
    roots: async (fields) => (await ask<{ runs: TriggerSummary[] }>(`/local/v1/runs?limit=${mostRoots}&payload=${fields.join(',')}`))?.runs ?? [],
    tree: (id, since) => ask(`/local/v1/runs/${encodeURIComponent(id)}/tree${since === undefined ? '' : `?since=${encodeURIComponent(since)}`}`),
  }
}

const fault = (message: string, cause?: unknown): TerminalError => new TerminalError(message, { code: 'viewer/trigger_local', ...(cause !== undefined && { cause }) })
