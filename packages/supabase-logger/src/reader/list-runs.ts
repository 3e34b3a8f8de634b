import { ContractError } from '@track-orchestrator/registry'
import type { HistoryClient } from './history-client.ts'
import { readError } from './read-error.ts'
import { runFromRow, type RunRecord, type RunStatus } from './records.ts'

export interface RunQuery {
  readonly tenantId: string
  readonly projectId?: string
  readonly status?: RunStatus | readonly RunStatus[]
  /** Of the track, orchestrator or task. */
  readonly name?: string
  /** Started at this moment or later, in milliseconds since 1970. */
  readonly startedFrom?: number
  /** Started before this moment, in milliseconds since 1970. */
  readonly startedBefore?: number
  /** How many runs a page holds, from 1 to 500. Default 50. */
  readonly limit?: number
  /** `next` of the page before. */
  readonly after?: string
}

export interface RunPage {
  /** Newest first. */
  readonly runs: readonly RunRecord[]
  /** Where the next page begins; missing on the last one. */
  readonly next?: string
}

/** A page of runs, newest first. Keeps its place by key: a run that starts meanwhile shifts nothing. */
export async function listRuns(client: HistoryClient, query: RunQuery): Promise<RunPage> {
  const { tenantId, projectId, status, name, startedFrom, startedBefore, limit = 50, after } = query
  if (!Number.isInteger(limit) || limit < 1 || limit > 500) throw invalid('limit', 'expected a whole number from 1 to 500')

  // One row more than asked for tells whether there is a next page.
  let rows = client.from('track_runs').select().eq('tenant_id', tenantId).order('started_at', { ascending: false }).order('run_id', { ascending: false }).limit(limit + 1)
  if (projectId !== undefined) rows = rows.eq('project_id', projectId)
  if (status !== undefined) rows = rows.in('status', [status].flat())
  if (name !== undefined) rows = rows.eq('name', name)
  if (startedFrom !== undefined) rows = rows.gte('started_at', new Date(startedFrom).toISOString())
  if (startedBefore !== undefined) rows = rows.lt('started_at', new Date(startedBefore).toISOString())
  if (after !== undefined) {
    const [startedAt, runId] = parseCursor(after)
    // The first condition is for the index, the second for runs of the same moment.
    rows = rows.lte('started_at', startedAt).or(`started_at.lt.${quoted(startedAt)},run_id.lt.${quoted(runId)}`)
  }
  const answer = await rows
  if (answer.error) throw readError('list runs', answer)
  const page = answer.data.slice(0, limit)
  const last = page.at(-1)
  return { runs: page.map(runFromRow), ...(last && answer.data.length > limit && { next: cursorOf(last.started_at, last.run_id) }) }
}

function cursorOf(startedAt: string, runId: string): string {
  return Buffer.from(JSON.stringify([startedAt, runId])).toString('base64url')
}

function parseCursor(cursor: string): [startedAt: string, runId: string] {
  try {
    const [startedAt, runId] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (typeof startedAt === 'string' && !Number.isNaN(Date.parse(startedAt)) && typeof runId === 'string') return [startedAt, runId]
  } catch {
    // Said below.
  }
  throw invalid('after', 'expected `next` of an earlier page')
}

/** A value inside PostgREST's `or=(…)`, where commas and brackets mean something. */
const quoted = (value: string): string => `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`

const invalid = (field: string, message: string) => new ContractError('listRuns', 'input', [{ path: [field], message }])
