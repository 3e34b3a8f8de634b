import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { printable } from '@track-orchestrator/core/console'
import { DefinitionError } from '@track-orchestrator/registry'
import { aFunction, checkOptions, durationMs, flag, madeBy, shape, text, wholeNumber } from '@track-orchestrator/registry/options'
import type { Backoff } from '@track-orchestrator/registry/waiting'
import { createEventsClient, projectName, type EventsClient } from './writer/events-client.ts'
import type { LogNotice } from './writer/notices.ts'

export interface SupabaseLogOptions {
  /** A client with the service role's rights. Default: one made from `url` and `key`. */
  readonly client?: EventsClient | undefined
  /** The project's URL: `https://….supabase.co`. */
  readonly url?: string | undefined
  /** The project's secret key (`sb_secret_…`), or its older service-role key. Never the publishable or anon key: that may write nothing. */
  readonly key?: string | undefined
  /** Where the tables are. Default `public`, whatever the client's own schema is. */
  readonly schema?: string | undefined
  /** Events hold inputs and outputs in full. Default false. */
  readonly payloads?: boolean | undefined
  /** Where events are kept until they are in the database, in a folder a project. Default: below the system's temporary folder, for this user only. */
  readonly spoolFolder?: string | undefined
  /** What this log may hold on disk: beyond, debug events are dropped first. From 1 up. Default 512 MiB. */
  readonly diskBytes?: number | undefined
  /** Events held in memory at most, from 1 up; what comes after is read back from disk. Default 10,000 (and 32 MiB). */
  readonly memoryEvents?: number | undefined
  /** Events in one request at most, from 1 up. Default 500. */
  readonly batchEvents?: number | undefined
  /** How long the first event of a batch waits for others. Default 1,000 ms. */
  readonly intervalMs?: number | undefined
  /** How long an answer may take, from 1 ms up. Default 10,000 ms. */
  readonly timeoutMs?: number | undefined
  /** Between tries while Supabase does not answer: a random time below a limit that doubles from `minDelayMs` (100) to `maxDelayMs` (30,000). */
  readonly retry?: { readonly minDelayMs?: number | undefined; readonly maxDelayMs?: number | undefined } | undefined
  /** Between tries while somebody has to mend something: a refused key, a missing migration. From 1 ms up. Default 30,000 ms. */
  readonly holdMs?: number | undefined
  /** Told what an operator should know, each thing once. Default: a line on standard error. */
  readonly onNotice?: ((notice: LogNotice) => void) | undefined
}

/** The options with their defaults. `root`: the folder that all processes share which log to this project. */
export interface LogSettings {
  readonly client: EventsClient
  readonly root: string
  readonly schema: string
  readonly payloads: boolean
  readonly diskBytes: number
  readonly memoryEvents: number
  readonly batchEvents: number
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly holdMs: number
  readonly retry: Backoff
  readonly onNotice: (notice: LogNotice) => void
}

/** Throws `DefinitionError` for a wrong option, without a client, and without a URL and a key to make one of. */
export function checkLogOptions(given: SupabaseLogOptions): LogSettings {
  const options = checkOptions<SupabaseLogOptions>('createSupabaseLog', given, {
    client: madeBy('createClient(url, key)', 'from', 'schema'),
    url: text({ pattern: /^https?:\/\/[^\s/]/, what: 'the address of a project, as https://….supabase.co' }),
    key: text({ what: "a project's secret key", secret: true }),
    schema: text(),
    payloads: flag,
    spoolFolder: text(),
    diskBytes: wholeNumber({ from: 1 }),
    memoryEvents: wholeNumber({ from: 1 }),
    batchEvents: wholeNumber({ from: 1 }),
    intervalMs: durationMs(),
    timeoutMs: durationMs({ from: 1 }),
    retry: shape({ minDelayMs: durationMs(), maxDelayMs: durationMs() }),
    holdMs: durationMs({ from: 1 }),
    onNotice: aFunction,
  })
  const { url, key, spoolFolder, retry = {}, onNotice = warn } = options
  const client = options.client ?? clientOf(url, key)
  const name = projectName(client)
  const defaults = { schema: 'public', payloads: false, diskBytes: 512 * 1024 * 1024, memoryEvents: 10_000, batchEvents: 500, intervalMs: 1_000, timeoutMs: 10_000, holdMs: 30_000 }
  return { ...defaults, ...options, client, root: spoolFolder === undefined ? defaultFolder(name) : join(spoolFolder, name), retry: { minDelayMs: retry.minDelayMs ?? 100, maxDelayMs: retry.maxDelayMs ?? 30_000, jitter: 'full' }, onNotice }
}

function clientOf(url: string | undefined, key: string | undefined): EventsClient {
  if (url !== undefined && key !== undefined) return createEventsClient(url, key)
  throw new DefinitionError(`A Supabase log needs a client, or a url and a key to make one of: ${url === undefined ? 'the url' : 'the key'} is missing`)
}

/** Temporary folders are shared: one for each user, and one for each project within it. */
function defaultFolder(project: string): string {
  return join(tmpdir(), `track-orchestrator-${process.getuid?.() ?? userInfo().username}-${project}`)
}

function warn({ message }: LogNotice): void {
  console.warn(printable(`Supabase log: ${message}`))
}
