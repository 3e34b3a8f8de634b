import { setTimeout as delay } from 'node:timers/promises'
import { formatDuration, printable } from '@track-orchestrator/core/console'
import { errorToJson, redactValue } from '@track-orchestrator/registry'
import { findDefinition } from '../config/load-config.ts'
import { openPlanner } from '../config/open-runner.ts'
import type { RemoteRuns, RemoteState } from '../config/remote-runs.ts'
import { CommandError, exitCodes } from '../exit.ts'
import { issueLines } from '../failure.ts'
import { readInput } from '../input/read-input.ts'
import { isFiltered, queryOf, type RunFilter } from '../source/run-source.ts'
import { remoteOf, remoteQuery, triggerRuns } from '../source/trigger-runs.ts'
import { exitCodeOf } from '../stop-signal.ts'
import { tellAllCancelled, tellCancelled } from './cancel.ts'
import { setOf, type ForkArguments, type ResumeArguments } from './resume.ts'
import { limitsOf, runKeyOf, type RunOptions } from './run.ts'
import type { Asking } from './verb.ts'

const onTrigger = ['--engine', 'trigger']

/** Triggers a track, an orchestrator or a task on Trigger.dev, and shows it until it ends. Gives the exit code. */
export async function runOnTrigger(asking: Asking, name: string, pairs: readonly string[], { input: file, runId, tenant, project, maxCost, ...keyOptions }: RunOptions): Promise<number> {
  refuseRunId(runId)
  const keyed = { ...runKeyOf(keyOptions), ...limitsOf(maxCost) }
  const loaded = await asking.load()
  const client = await remoteOf(loaded)
  const input = await readInput(asking.terminal, file, pairs, loaded.config.registry, findDefinition(loaded, name))
  const payload: Record<string, unknown> = { ...loaded.config.defaults, ...input, ...(tenant !== undefined && { tenantId: tenant }), ...(project !== undefined && { projectId: project }) }
  const tags = (['tenant', 'project'] as const).flatMap((key) => (typeof payload[`${key}Id`] === 'string' ? [`${key}:${String(payload[`${key}Id`])}`.slice(0, 128)] : []))
  return follow(asking, client, await client.trigger(name, payload, { tags, ...keyed }))
}

/** Starts a run that goes on where an earlier one stopped, or one for each that the filter finds. Gives the exit code: of several, that of the worst. */
export async function resumeOnTrigger(asking: Asking, said: string | undefined, { plan, force, map, maxCost, ...filter }: ResumeArguments): Promise<number> {
  if (plan || force || map) throw new CommandError('Trigger.dev keeps what finished by keys, and tells what is reused only as the run goes on: --plan, --force and --map are for runs of the journal.')
  const limited = limitsOf(maxCost)
  const client = await remoteOf(await asking.load())
  if (said !== undefined) return follow(asking, client, await client.resume(await triggerRuns(client).find(said), limited))
  if (!isFiltered(filter)) throw new CommandError('Say which run: its id, or last; or which of them: --status failed --since 1d.')
  const resumed = await client.resumeAll(remoteQuery(queryOf(filter)), limited)
  if (resumed.length === 0) asking.show.line('No such run is to be gone on with.')
  let worst: number = exitCodes.done
  for (const one of resumed) {
    if (one.became === 'resumed') {
      if (!asking.terminal.signal.aborted) worst = Math.max(worst, await follow(asking, client, one.run))
      else tellGoesOn(asking.show, one.run.id)
      continue
    }
    worst = Math.max(worst, exitCodes.failed)
    if (asking.show.isJson) asking.show.raw(`${JSON.stringify({ type: 'result', runId: one.id, status: 'refused', error: errorToJson(one.error) })}\n`)
    asking.show.line(`Run ${one.id} is not gone on with: ${printable(one.error.message)}`)
  }
  return worst
}

function tellGoesOn(show: Asking['show'], id: string): void {
  show.line(`Run ${id} goes on.`)
  for (const verb of ['show', 'cancel']) show.typed('', show.command(verb, [id], onTrigger))
}

/** Starts a run that takes over what finished before a step of another one. Gives the exit code. */
export async function forkOnTrigger(asking: Asking, said: string, { from, set = [], plan, runId }: ForkArguments): Promise<number> {
  refuseRunId(runId)
  if (plan) throw new CommandError('Trigger.dev keeps what finished by keys, and tells what is reused only as the run goes on: --plan is for runs of the journal.')
  if (from === undefined && set.length === 0) throw new CommandError('Say from which step it is to be done anew (--from step), or what is to be another input (--set path=value).')
  const loaded = await asking.load()
  const client = await remoteOf(loaded)
  const parent = await triggerRuns(client).find(said)
  const { name } = await client.retrieve(parent)
  const runnable = findDefinition(loaded, name)
  if (runnable.kind === 'task') throw new CommandError(`${name} is a single task: there is no step to fork from.`)
  const planned = await openPlanner(loaded).plan(runnable.definition, from === undefined ? {} : { from })
  return follow(asking, client, await client.fork(parent, { ...(from !== undefined && { from }), ...(set.length > 0 && { set: setOf(set, loaded, planned, from) }) }))
}

/** How long a run may take to be cancelled before the command no longer waits for it. */
const patienceMs = 60_000

export async function cancelOnTrigger({ load, show, terminal }: Asking, said: string | undefined, filter: RunFilter): Promise<number> {
  const client = await remoteOf(await load())
  const { signal } = terminal
  if (said === undefined) {
    if (!isFiltered(filter)) throw new CommandError('Say which run: its id, or last; or which of them: --status queued --name VoiceConversion.')
    const told = await client.cancelAll(remoteQuery(queryOf(filter)), { signal })
    signal.throwIfAborted()
    return tellAllCancelled(show, told.map((run) => ({ ...run, runId: run.id })), onTrigger)
  }
  const runId = await triggerRuns(client).find(said)
  const isOver = async () => 'finishedAt' in (await client.retrieve(runId))
  if (await isOver()) throw new CommandError(`Run ${runId} is not running: it has ended. There is nothing to cancel.`, exitCodes.journal)
  await client.cancel(runId)
  for (const until = Date.now() + patienceMs; !(await isOver()); await delay(500, undefined, { signal })) {
    if (Date.now() > until) throw new CommandError(`Run ${runId} was asked to stop, but still runs: a handler takes its time.`, exitCodes.failed)
  }
  tellCancelled(show, runId, onTrigger)
  return exitCodes.done
}

function refuseRunId(runId: string | undefined): void {
  if (runId !== undefined) throw new CommandError('Trigger.dev gives runs their ids: --run-id is for runs of the journal.')
}

/** Shows a run until it ends. Who stops the command leaves the run going on. */
async function follow({ terminal, show }: Asking, client: RemoteRuns, { id }: { readonly id: string }): Promise<number> {
  show.line(`Run ${id} on Trigger.dev`)
  let last: RemoteState | undefined
  try {
    for await (const state of client.subscribe(id, { signal: terminal.signal })) {
      last = state
      if (show.isJson) show.raw(`${JSON.stringify({ type: 'state', runId: id, status: state.status, ...(state.progress && { progress: redactValue(state.progress) }) })}\n`)
      else if (!('finishedAt' in state)) show.line(describe(state))
    }
  } catch (error) {
    if (!terminal.signal.aborted) throw error
    tellGoesOn(show, id)
    return exitCodeOf(terminal.signal)
  }
  return tellEnd(show, last!)
}

function describe({ status, progress }: RemoteState): string {
  const { fraction, note, step, track } = progress ?? {}
  const where = [track, step].filter((part) => part !== undefined).join(' > ')
  return printable([status, ...(fraction === undefined ? [] : [`${Math.floor(fraction * 100)} %`]), ...(where === '' ? [] : [where]), ...(note === undefined ? [] : [note])].join('  '))
}

function tellEnd(show: Asking['show'], { id, status, output, error, createdAt, startedAt = createdAt, finishedAt = new Date() }: RemoteState): number {
  const durationMs = finishedAt.getTime() - startedAt.getTime()
  const resume = show.command('resume', [id], onTrigger)
  if (show.isJson) {
    show.raw(`${JSON.stringify({ type: 'result', runId: id, status, durationMs, ...(error ? { error: errorToJson(error), resume } : { output: redactValue(output) }) })}\n`)
  } else if (error) {
    show.line(`Run ${id} ${status === 'cancelled' ? 'was cancelled' : 'failed'} after ${formatDuration(durationMs)}${status === 'failed' ? `: ${issueLines(error) ?? printable(error.message)}` : '.'}`)
    show.typed('Go on with it:', resume)
  } else {
    show.line(`Run ${id} succeeded in ${formatDuration(durationMs)}. Its output:`)
    show.code(`${JSON.stringify(redactValue(output), undefined, 2)}\n`, 'json')
  }
  return error ? exitCodes.failed : exitCodes.done
}
