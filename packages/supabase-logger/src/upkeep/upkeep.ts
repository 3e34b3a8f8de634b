import { ProviderError } from '@track-orchestrator/registry'
import { checkOptions, durationMs, madeBy, required, signal as signalRule, text, wholeNumber } from '@track-orchestrator/registry/options'
import { wait } from '@track-orchestrator/registry/waiting'
import { ask, type Asking } from '../reader/ask.ts'
import type { HistoryClient, QueryClient, RunKey } from '../reader/history-client.ts'

export interface UpkeepOptions {
  /** Where the tables are. Default `public`. */
  readonly schema?: string | undefined
  /** Ends it, also in the midst of a portion, with a `CancelledError`. What is deleted stays so; it may be begun again at any time. */
  readonly signal?: AbortSignal | undefined
  /** How long a portion may take, from 1 ms up. Default 10,000 ms. */
  readonly timeoutMs?: number | undefined
  /** Events, and runs, that one portion deletes at most, from 1 up. Default 10,000. */
  readonly portion?: number | undefined
}

export interface RetentionOptions extends UpkeepOptions {
  /** What is older than so many days goes, from 1 up. Runs that still run stay, with all their events. */
  readonly keepDays: number
  /** Runs without an end, whose process must have died, go after so many days without an event, from 1 up. Default: they stay. */
  readonly silentDays?: number | undefined
}

/** What was deleted. */
export interface Deleted {
  readonly events: number
  readonly runs: number
}

const upkeepRules = { schema: text(), signal: signalRule, timeoutMs: durationMs({ from: 1 }), portion: wholeNumber({ from: 1, to: 1_000_000 }) }
const days = wholeNumber({ from: 1, to: 36_500 })
/** Portions that fail in a row, because somebody works on the same runs, before that is given up. */
const patience = 20

/**
 * Deletes old runs and events, portion by portion, until none is left. `client`: with the secret key.
 * Throws `DefinitionError` for a wrong option, and `ProviderError`.
 */
export async function deleteOldRuns(client: QueryClient, options: RetentionOptions): Promise<Deleted> {
  const { keepDays, silentDays, portion = 10_000, ...rest } = checkOptions('deleteOldRuns', options, { ...upkeepRules, keepDays: required(days), silentDays: days })
  const asking = askingOf('deleteOldRuns', client, rest)
  let deleted: Deleted = { events: 0, runs: 0 }
  for (;;) {
    const part = await ask('delete old runs', asking, (tables) => tables.rpc('delete_old_track_runs', { keep_days: keepDays, portion, silent_days: silentDays ?? null }), resultWith('deleted_events', 'deleted_runs'))
    deleted = { events: deleted.events + part.deleted_events, runs: deleted.runs + part.deleted_runs }
    if (part['more'] !== true) return deleted
  }
}

/**
 * Erases a run with all its events, for good: events of it that a worker still has on its disk are kept out as well. `client`: with the secret key.
 * Resolves once it has looked and nothing is left. Throws `DefinitionError` for a wrong option, and `ProviderError`.
 */
export async function eraseRun(client: QueryClient, key: RunKey, options: UpkeepOptions = {}): Promise<Deleted> {
  const { tenantId, runId } = checkOptions('eraseRun: key', key, { tenantId: required(text()), runId: required(text()) })
  return erase('eraseRun', client, tenantId, runId, options)
}

/** The same for all runs of a tenant. Events written before are kept out; a tenant that goes on begins anew. */
export async function eraseTenant(client: QueryClient, tenantId: string, options: UpkeepOptions = {}): Promise<Deleted> {
  text().check(tenantId, 'eraseTenant: tenantId')
  return erase('eraseTenant', client, tenantId, undefined, options)
}

async function erase(owner: string, client: QueryClient, tenantId: string, runId: string | undefined, options: UpkeepOptions): Promise<Deleted> {
  const { portion = 10_000, ...rest } = checkOptions(owner, options, upkeepRules)
  const asking = askingOf(owner, client, rest)
  let erased: Deleted = { events: 0, runs: 0 }
  let before: string | undefined
  let failures = 0
  for (let emptyLooks = 0; emptyLooks < 2; ) {
    try {
      const part = await ask(
        `erase ${runId === undefined ? 'the runs of the tenant' : `run ${runId}`}`,
        asking,
        (tables) => tables.rpc('erase_track_runs', { tenant: tenantId, run: runId ?? null, portion, ...(before !== undefined && { before }) }),
        resultWith('erased_events', 'erased_runs'),
      )
      before ??= String(part['erased_at'])
      failures = 0
      erased = { events: erased.events + part.erased_events, runs: erased.runs + part.erased_runs }
      emptyLooks = part.erased_events + part.erased_runs === 0 ? emptyLooks + 1 : 0
      // What was being stored when it began is there a moment later, if at all.
      if (emptyLooks === 1) await wait(250, rest.signal)
    } catch (error) {
      // A run is locked, by its writer most likely.
      if (!(error instanceof ProviderError) || !error.retryable || ++failures >= patience) throw error
      await wait(100 * failures, rest.signal)
    }
  }
  return erased
}

function askingOf(owner: string, client: QueryClient, { schema = 'public', timeoutMs = 10_000, signal }: Omit<UpkeepOptions, 'portion'>): Asking {
  madeBy('createClient(url, key)', 'from', 'rpc', 'schema').check(client, `${owner}: client`)
  return { client: client as HistoryClient, schema, timeoutMs, signal }
}

/** The answer of a function with several results: an object with these counts. */
function resultWith<Name extends string>(...counts: readonly Name[]) {
  return (data: unknown) => {
    const result = data as Readonly<Record<string, unknown>> | null
    const isRight = typeof result === 'object' && result !== null && counts.every((name) => Number.isSafeInteger(result[name]))
    return isRight ? (result as Readonly<Record<string, unknown>> & { readonly [N in Name]: number }) : undefined
  }
}
