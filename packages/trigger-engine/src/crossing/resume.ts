import { TerminalError, type BaseFields } from '@track-orchestrator/registry'
import { runs, type TriggerOptions } from '@trigger.dev/sdk'
import { readCarried, reservedKey, tellCarried } from './carried.ts'

/**
 * Trigger options with which a run walks under the id of an earlier run of the same track or orchestrator, for the same tenant and
 * project: `tasks.trigger(name, payload, resumeOptions(runId))`. Tasks that finished in it, with the same input, are not run again.
 * `options`: further ones of yours, metadata too. In the dashboard: `{ "trackOrchestrator": { "resumeOf": "run_…" } }` as the metadata of
 * a test or a replay.
 */
export function resumeOptions(runId: string): ResumeOptions
export function resumeOptions<Options extends TriggerOptions>(runId: string, options: Options): Options & ResumeOptions
export function resumeOptions(runId: string, options: TriggerOptions = {}): ResumeOptions {
  return { ...options, metadata: { ...options.metadata, [reservedKey]: { resumeOf: runId } } }
}

interface ResumeOptions {
  readonly metadata: NonNullable<TriggerOptions['metadata']>
}

/** The walk that a run goes on with, and the runs that have walked it so far, the oldest first. */
export interface ResumedWalk {
  readonly walkId: string
  readonly earlierRuns: readonly string[]
}

/**
 * The walk of an earlier run: the one that it began, or that it resumed itself. So the latest of several that failed can be resumed.
 * Throws `terminal` where there is no such run of `name` for this tenant and project: it would quietly run everything again.
 */
export async function resumedWalk(runId: string, name: string, { tenantId, projectId }: BaseFields, run: { readonly id: string }): Promise<ResumedWalk> {
  const earlier = await runs.retrieve(runId).catch((cause: unknown) => {
    throw new TerminalError(`resumeOf: run ${runId} could not be found (${String(cause)}). Give the id of an earlier run of ${name}.`, { cause })
  })
  if (earlier.taskIdentifier !== name) throw new TerminalError(`resumeOf: ${runId} is a run of ${earlier.taskIdentifier}, not of ${name}.`)
  const whose = earlier.payload as Partial<BaseFields> | undefined
  if (whose?.tenantId !== tenantId || whose.projectId !== projectId) throw new TerminalError(`resumeOf: ${runId} is a run of another tenant or project.`)
  const { walk } = readCarried(earlier.metadata)
  const resumed = { walkId: walk?.walkId ?? runId, earlierRuns: [...(walk?.earlierRuns ?? []), runId] }
  tellCarried(run, { walk: resumed })
  return resumed
}
