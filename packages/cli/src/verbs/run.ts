import type { OrchestratorResult, RunLimits, RunResult, TrackOutcome } from '@track-orchestrator/core'
import { formatDuration, printable } from '@track-orchestrator/core/console'
import { errorToJson, redactValue } from '@track-orchestrator/registry'
import { findDefinition } from '../config/load-config.ts'
import { withRunner } from '../config/open-runner.ts'
import { CommandError, exitCodes } from '../exit.ts'
import { issueLines } from '../failure.ts'
import { readInput } from '../input/read-input.ts'
import { newRunId } from '../input/run-id.ts'
import { progressLog } from '../show/progress.ts'
import { spanMs } from '../source/run-source.ts'
import { exitCodeOf } from '../stop-signal.ts'
import type { Asking } from './verb.ts'

export interface RunOptions {
  readonly input?: string
  readonly runId?: string
  readonly tenant?: string
  readonly project?: string
  readonly key?: string
  readonly keyTtl?: string
  readonly maxCost?: readonly string[]
}

/** Runs a track, an orchestrator or a task, and shows it while it goes on. Gives the exit code. */
export async function run(asking: Asking, name: string, pairs: readonly string[], { input: file, runId, tenant, project, maxCost, ...key }: RunOptions): Promise<number> {
  const { terminal, load } = asking
  const keyed = { ...runKeyOf(key), ...limitsOf(maxCost) }
  const named = newRunId(runId)
  const loaded = await load()
  const runnable = findDefinition(loaded, name)
  const input = await readInput(terminal, file, pairs, loaded.config.registry, runnable)
  const payload = { ...input, ...(tenant !== undefined && { tenantId: tenant }), ...(project !== undefined && { projectId: project }) }
  const context = { signal: terminal.signal, ...named, ...keyed }
  const result = await withRunner<RunResult | OrchestratorResult>(loaded, [progressLog(asking)], terminal.signal, (runner) =>
    runnable.kind === 'task' ? runner.settleSingleTask(runnable.name, payload, context)
    : runnable.kind === 'track' ? runner.settleTrack(runnable.definition, payload, context)
    : runner.settleOrchestrator(runnable.definition, payload, context))
  return tellEnd(asking, result, maxCost)
}

/** One run for one thing, as runners and clients are told. Throws `CommandError`. */
export function runKeyOf({ key, keyTtl }: Pick<RunOptions, 'key' | 'keyTtl'>): { readonly runKey?: string; readonly runKeyTtlMs?: number } {
  if (key === undefined && keyTtl !== undefined) throw new CommandError('--key-ttl says for how long the run of a --key is given: say --key, too.')
  if (key === '') throw new CommandError('--key is what the run is for, such as order-17 (got "").')
  const runKeyTtlMs = keyTtl === undefined ? undefined : spanMs('--key-ttl', keyTtl)
  if (runKeyTtlMs !== undefined && !(runKeyTtlMs >= 1_000 && Number.isSafeInteger(runKeyTtlMs))) throw new CommandError(`--key-ttl is a time span from 1s up, like 30m, 12h or 2w (got ${JSON.stringify(keyTtl)}).`)
  return { ...(key !== undefined && { runKey: key }), ...(runKeyTtlMs !== undefined && { runKeyTtlMs }) }
}

/** What `--max-cost` says: `USD=2`, once for each unit. Throws `CommandError`. */
export function limitsOf(said: readonly string[] = []): { readonly limits?: RunLimits } {
  if (said.length === 0) return {}
  const cost = said.map((pair): readonly [string, number] => {
    const [, unit, amount] = /^([A-Za-z][\w.-]*)=(\d+(?:\.\d+)?)$/.exec(pair) ?? []
    if (unit === undefined) throw new CommandError(`--max-cost is a unit and an amount, such as USD=2 or characters=50000 (got ${JSON.stringify(pair)}).`)
    return [unit, Number(amount)]
  })
  const twice = cost.map(([unit]) => unit).find((unit, index, all) => all.indexOf(unit) !== index)
  if (twice !== undefined) throw new CommandError(`--max-cost says twice how much ${twice} the run may spend: say it once.`)
  return { limits: { cost: Object.fromEntries(cost) } }
}

const withoutThrown = (outcome: TrackOutcome) => (outcome.status === 'failed' ? { status: outcome.status, error: outcome.error } : outcome)

/** How a track ended that the run did without. */
function endOf(outcome: TrackOutcome): string {
  if (outcome.status === 'failed') return `failed: ${printable(outcome.error.message)} [${outcome.error.code}]`
  return outcome.status === 'skipped' ? `was skipped, since ${outcome.because} did not succeed` : 'was cancelled'
}

/** Tells how a run ended, and how to go on with it, within the same limits. Gives the exit code. */
export function tellEnd({ terminal, show }: Pick<Asking, 'terminal' | 'show'>, result: RunResult | OrchestratorResult, maxCost: readonly string[] = []): number {
  const { runId, status, durationMs } = result
  // Who stopped at a limit needs another one.
  const limits = status === 'failed' && result.error.code === 'cost/limit_reached' ? [] : maxCost.flatMap((limit) => ['--max-cost', limit])
  const resume = show.command('resume', [runId], limits)
  const lost = 'tracks' in result ? Object.entries(result.tracks).filter(([, outcome]) => outcome.status !== 'succeeded') : []
  if (show.isJson) {
    const end = status === 'succeeded' ? { output: redactValue(result.output), ...(lost.length > 0 && { lost: Object.fromEntries(lost.map(([name, outcome]) => [name, withoutThrown(outcome)])) }) } : { error: errorToJson(result.error), resume }
    show.raw(`${JSON.stringify({ type: 'result', runId, status, durationMs, ...end })}\n`)
  } else if (status === 'succeeded') {
    show.line(`Run ${runId} succeeded in ${formatDuration(durationMs)}. Its output:`)
    show.code(`${JSON.stringify(redactValue(result.output), undefined, 2)}\n`, 'json')
    for (const [name, outcome] of lost) show.line(`${name} ${endOf(outcome)}`)
    if (lost.length > 0) show.typed(`Do ${lost.length === 1 ? 'it' : 'them'} again:`, resume)
  } else {
    const { error } = result
    show.line(`Run ${runId} ${status === 'cancelled' ? 'was cancelled' : 'failed'} after ${formatDuration(durationMs)}${status === 'failed' ? `: ${issueLines(error) ?? error.message}` : '.'}`)
    show.typed('Go on with it:', resume)
  }
  if (status === 'succeeded') return exitCodes.done
  return status === 'cancelled' && terminal.signal.aborted ? exitCodeOf(terminal.signal) : exitCodes.failed
}
