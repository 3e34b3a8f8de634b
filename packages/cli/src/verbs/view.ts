import { dirname, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { outlineOf, type Outline } from '@track-orchestrator/core/in-process'
import { DefinitionError, TracksError } from '@track-orchestrator/registry'
import type { ActRequest, RunSource, Viewer } from '@track-orchestrator/viewer'
import type { LoadedConfig } from '../config/load-config.ts'
import { openRunner } from '../config/open-runner.ts'
import { CommandError, exitCodes } from '../exit.ts'
import { exitCodeOf } from '../stop-signal.ts'
import { historyOf } from '../source/history-runs.ts'
import { findRun } from '../source/find-run.ts'
import { writeWhole } from '../show/write-whole.ts'
import { triggerLocalAt } from './trigger-local-at.ts'
import type { Asking } from './verb.ts'

export interface ViewArguments {
  readonly port?: string
  readonly export?: string
  readonly force?: boolean
  readonly supabase?: boolean
  readonly tenant?: string
  /** Its address, key and all; without one, the trigger-local that runs over this folder. */
  readonly triggerLocal?: string | true
}

/** Shows runs on a page, until it is stopped; or writes one run as a page of its own. */
export async function view(asking: Asking, said: string | undefined, { port, export: file, force = false, supabase = false, tenant, triggerLocal }: ViewArguments): Promise<number | void> {
  const { terminal, show, load } = asking
  const loaded = await load()
  const { exportRun, startViewer } = await import('@track-orchestrator/viewer')
  if (supabase && triggerLocal !== undefined) throw new CommandError('Choose one: --supabase or --trigger-local.')
  const source = supabase ? await pageOfHistory(loaded, tenant) : triggerLocal !== undefined ? await triggerLocalOf(loaded, terminal, triggerLocal) : await sourceOf(loaded, asking)
  try {
    const find = async (run: string) => (supabase || triggerLocal !== undefined ? findIn(source, run) : findRun(loaded.journal, run))
    const runId = said === undefined ? undefined : await find(said)
    if (file === undefined) return await serve(asking, () => startViewer({ source, ...(port !== undefined && { port: portOf(port) }) }), runId)
    const path = resolve(terminal.folder, file)
    const html = await exportRun(source, runId ?? (await find('last')))
    await writeWhole(path, html, force)
    show.value({ path, sizeBytes: Buffer.byteLength(html) })
    return show.line(`${path} (${Math.ceil(Buffer.byteLength(html) / 1_000)} kB): it opens from disk, without this command. ${supabase ? 'How steps went is in it, not what they were given and made.' : 'Inputs and outputs are in it, secrets blotted out; media are not.'}`)
  } finally {
    source.close?.()
  }
}

async function serve({ terminal, show }: Asking, start: () => Promise<Viewer>, runId: string | undefined): Promise<number> {
  const viewer = await start()
  try {
    const url = `${viewer.url}${runId === undefined ? '' : `#/run/${encodeURIComponent(runId)}`}`
    if (show.isJson) show.raw(`${JSON.stringify({ url })}\n`)
    show.line('Open it in a browser on this machine; whoever has the address sees the runs. Ctrl-C ends it.')
    if (!show.isJson) show.raw(`${url}\n`) // never broken into lines: it is clicked
    await stopped(terminal.signal)
    return exitCodeOf(terminal.signal)
  } finally {
    await viewer.close()
  }
}

const stopped = (signal: AbortSignal): Promise<void> => new Promise((end) => (signal.aborted ? end() : signal.addEventListener('abort', () => end(), { once: true })))

function portOf(said: string): number {
  const number = Number(said)
  if (!Number.isInteger(number) || number < 1 || number > 65_535) throw new CommandError(`--port is a whole number from 1 to 65535 (got ${JSON.stringify(said)}).`)
  return number
}

/** A run of a source that is no journal: by its whole id, or the last one. */
async function findIn(source: RunSource, run: string): Promise<string> {
  if (run !== 'last') return (await source.run(run)).runId
  const [last] = (await source.list({ limit: 1 })).runs
  if (!last) throw new CommandError('There are no runs yet.', exitCodes.journal)
  return last.runId
}

async function sourceOf(loaded: LoadedConfig, asking: Asking): Promise<RunSource> {
  const { journalSource } = await import('@track-orchestrator/viewer')
  const { journal } = loaded
  return journalSource({ journal, name: 'journal', outlineOf: outlinesOf(loaded), mediaFolders: mediaFoldersOf(loaded), act: (runId, request) => act(loaded, asking, runId, request), command: asking.show.called })
}

function mediaFoldersOf({ config, path }: LoadedConfig): string[] {
  return (config.mediaFolders ?? []).map((folder) => resolve(dirname(path), folder))
}

/** The runs of a Trigger.dev on this machine. */
async function triggerLocalOf(loaded: LoadedConfig, terminal: Asking['terminal'], said: string | true): Promise<RunSource> {
  const { triggerLocalSource } = await import('@track-orchestrator/viewer')
  const { url, key } = triggerLocalAt(terminal.folder, said, terminal.env['TRIGGER_SECRET_KEY'])
  const source = triggerLocalSource({ url, key, outlineOf: outlinesOf(loaded), mediaFolders: mediaFoldersOf(loaded) })
  await source.list({ limit: 1 }) // before a page is opened that could only say so
  return source
}

/** The runs of a tenant in the history of the configuration. */
async function pageOfHistory(loaded: LoadedConfig, tenant: string | undefined): Promise<RunSource> {
  const { historySource } = await import('@track-orchestrator/viewer')
  const { reader, tenantId } = await historyOf(loaded, tenant)
  return historySource({ reader, tenantId, name: `Supabase, tenant ${tenantId}`, outlineOf: outlinesOf(loaded) })
}

function outlinesOf({ config, tracks, orchestrators }: LoadedConfig): (name: string) => Outline | undefined {
  const definitions = new Map([...tracks, ...orchestrators].map((definition) => [definition.name, definition]))
  return (name) => {
    const definition = definitions.get(name)
    return definition && outlineOf(definition, config.registry)
  }
}

/** How long a run is waited for that is refused at once: a definition that is gone, say. */
const refusedWithinMs = 1_500

/** Begins what the page asks for; it goes on in this process. */
async function act(loaded: LoadedConfig, { terminal }: Asking, runId: string, request: ActRequest): Promise<{ readonly runId: string }> {
  if (request.act === 'cancel') {
    await loaded.journal.cancel(runId)
    return { runId }
  }
  const runner = await openRunner(loaded)
  if (request.act === 'answer') {
    await runner.answer(runId, request.step!, request.value)
    return { runId }
  }
  const { signal } = terminal
  const forkId = `${runId.slice(0, 100)}-fork-${Date.now().toString(36)}`
  const { from, set } = request
  const going = request.act === 'resume' ? runner.resume(runId, { signal }) : runner.fork(runId, { runId: forkId, signal, ...(from !== undefined && { from }), ...(set && { set }) })
  let refusal: unknown
  const refused = going.then(
    () => undefined, // how it ended is in the journal
    (error: unknown) => void (refusal = TracksError.is(error) ? error : new DefinitionError(error instanceof Error ? error.message : String(error))),
  )
  await Promise.race([refused, delay(refusedWithinMs, undefined, { ref: false })])
  if (refusal !== undefined) throw refusal as Error
  return { runId: request.act === 'resume' ? runId : forkId }
}
