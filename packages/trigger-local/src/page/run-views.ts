import { unflattenAttributes } from '@trigger.dev/core/v3'
import { parsePacketAsJson } from '@trigger.dev/core/v3/utils/ioSerialization'
import type { TelemetryLog } from '../api/telemetry.ts'
import { apiStatus, runDetails } from '../api/run-shapes.ts'
import { isFinal, latestSnapshot, type Run } from '../engine/run.ts'
import type { ServerVersion } from '../engine/server-version.ts'

/** A run in a list. Dates are ISO 8601 as JSON has them. */
export interface RunSummary {
  readonly id: string
  readonly task: string
  /** As Trigger.dev's API calls it: `QUEUED`, `EXECUTING`, `COMPLETED`, `FAILED`, … */
  readonly status: string
  /** Whether its outcome stands, and its process has stopped. */
  readonly hasEnded: boolean
  /** Whether it stands still until another run, a date or a token comes. */
  readonly isWaiting: boolean
  readonly attemptCount: number
  readonly createdAt: string
  readonly startedAt: string | undefined
  readonly finishedAt: string | undefined
  readonly parentId: string | undefined
  readonly rootId: string | undefined
  readonly childCount: number
  readonly tags: readonly string[]
}

/** A run with what it made. */
export interface RunTree extends RunSummary { readonly children: readonly RunTree[] }

/** A line that a run logged. `fields`: what it was given beside the message, where that was anything. */
export interface RunLog { readonly at: string; readonly severity: string; readonly message: string; readonly fields?: unknown }

/** A run with all that is known of it. Payload, output and metadata are whatever the tasks made them. */
export interface RunView extends RunTree {
  readonly payload: unknown
  readonly output: unknown
  readonly error: { readonly name?: string | undefined; readonly message: string; readonly stackTrace?: string | undefined } | undefined
  readonly metadata: unknown
  /** What its execution went through, oldest first. */
  readonly states: readonly { readonly at: string; readonly state: string; readonly description: string; readonly attempt: number }[]
  readonly logs: readonly RunLog[]
}

/** The statuses that the API calls by another name are told by that. */
export async function viewRun(run: Run, version: ServerVersion, logs: readonly TelemetryLog[]): Promise<RunView> {
  return { ...treeOf(run), ...(await madeBy(run, version, logs.filter((log) => runOf(log) === run.friendlyId))) }
}

/** A run of a tree, without what is below it: each of those stands beside it. */
export type RunInTree = Omit<RunView, 'children'>

/** The run and all that it made, each before what it made itself. */
export function viewTree(root: Run, version: ServerVersion, logs: readonly TelemetryLog[]): Promise<RunInTree[]> {
  const byRun = new Map<unknown, TelemetryLog[]>()
  for (const log of logs) {
    const id = runOf(log)
    byRun.set(id, byRun.get(id) ?? []).get(id)!.push(log)
  }
  const withThoseBelow = (run: Run): Run[] => [run, ...run.children.flatMap(withThoseBelow)]
  return Promise.all(withThoseBelow(root).map(async (run) => ({ ...summarise(run), ...(await madeBy(run, version, byRun.get(run.friendlyId) ?? [])) })))
}

async function madeBy(run: Run, version: ServerVersion, logs: readonly TelemetryLog[]): Promise<Pick<RunView, 'payload' | 'output' | 'error' | 'metadata' | 'states' | 'logs'>> {
  const { payload, output, error } = await runDetails(run, version)
  return {
    payload, output, error, metadata: run.metadata,
    states: run.snapshots.map(({ createdAt, executionStatus, description, attemptNumber }) =>
      ({ at: createdAt.toISOString(), state: executionStatus, description, attempt: attemptNumber })),
    logs: logs.map(viewLog),
  }
}

/** What processes write beside every line stands under names that begin with `$` or are the logger's own. */
function viewLog({ at, severity, message, attributes }: TelemetryLog): RunLog {
  const own = Object.entries(attributes).filter(([name]) => !name.startsWith('$') && !name.startsWith('ctx.'))
  const fields = own.length === 0 ? undefined : unflattenAttributes(Object.fromEntries(own) as Parameters<typeof unflattenAttributes>[0])
  return { at: at.toISOString(), severity, message, ...(fields !== undefined && { fields }) }
}

/** The run in a list. */
export function summarise(run: Run): RunSummary {
  return {
    id: run.friendlyId, task: run.task, status: apiStatus(run), hasEnded: isFinal(run) && run.completedAt !== undefined,
    isWaiting: !isFinal(run) && ['EXECUTING_WITH_WAITPOINTS', 'SUSPENDED'].includes(latestSnapshot(run).executionStatus),
    attemptCount: run.attemptNumber, createdAt: run.createdAt.toISOString(), startedAt: run.startedAt?.toISOString(), finishedAt: run.completedAt?.toISOString(),
    parentId: run.parent?.friendlyId, rootId: run.root?.friendlyId, childCount: run.children.length, tags: run.tags,
  }
}

/** These fields of the run's payload, as far as it has them. */
export async function fieldsOfPayload({ payload, payloadType }: Run, names: readonly string[]): Promise<Record<string, unknown>> {
  const whole = (await parsePacketAsJson({ data: payload, dataType: payloadType })) as unknown
  if (typeof whole !== 'object' || whole === null) return {}
  return Object.fromEntries(Object.entries(whole).filter(([name]) => names.includes(name)))
}

function treeOf(run: Run): RunTree {
  return { ...summarise(run), children: run.children.map(treeOf) }
}

/** Processes write the run beside each line, under a key that has changed its beginning between versions. */
function runOf({ attributes }: TelemetryLog): unknown {
  const key = Object.keys(attributes).find((name) => name.endsWith('ctx.run.id'))
  return key === undefined ? undefined : attributes[key]
}
