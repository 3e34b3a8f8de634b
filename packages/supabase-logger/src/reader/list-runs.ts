import { ContractError } from '@track-orchestrator/registry'
import { either, listOf, number, oneOf, required, text, wholeNumber } from '@track-orchestrator/registry/options'
import { ask, rowsWith, type Asking } from './ask.ts'
import { checkQuery } from './check-query.ts'
import { runFromRow, type RunRecord, type RunRow, type RunStatus } from './records.ts'

export interface RunQuery {
  readonly tenantId: string
  readonly projectId?: string | undefined
  readonly status?: RunStatus | readonly RunStatus[] | undefined
  /** Of the track, orchestrator or task. */
  readonly name?: string | undefined
  /** Started at this moment or later, in milliseconds since 1970. */
  readonly startedFrom?: number | undefined
  /** Started before this moment, in milliseconds since 1970. */
  readonly startedBefore?: number | undefined
  /** How many runs a page holds, from 1 to 500. Default 50. */
  readonly limit?: number | undefined
  /** `next` of the page before. */
  readonly after?: string | undefined
}

export interface RunPage {
  /** Newest first. */
  readonly runs: readonly RunRecord[]
  /** Where the next page begins; missing on the last one. */
  readonly next?: string
}

const aStatus = oneOf('running', 'succeeded', 'failed', 'cancelled')
/** To the end of the year 9999, in milliseconds since 1970. */
const moment = number({ from: 0, to: 253_402_300_799_999 })
const rules = {
  ...{ tenantId: required(text()), projectId: text(), name: text(), after: text() },
  ...{ status: either(aStatus, listOf(aStatus)), startedFrom: moment, startedBefore: moment, limit: wholeNumber({ from: 1, to: 500 }) },
}
export const runRows = rowsWith<RunRow>(['tenant_id', 'run_id', 'project_id', 'name', 'status'], ['started_at', 'last_event_at'])

/** Where a page begins: behind this run. */
type Place = readonly [startedAt: string, runId: string]

/** A page of runs, newest first. Keeps its place by key: a run that starts meanwhile shifts nothing. Throws `ContractError` for a query that is none. */
export async function listRuns(asking: Asking, query: RunQuery): Promise<RunPage> {
  checkQuery('listRuns', query, rules)
  const { limit = 50, after } = query
  const rows: RunRow[] = []
  let place = after === undefined ? undefined : parseCursor(after)
  // One row more than asked for tells whether there is a next page; an answer that is short says nothing, until one is empty.
  while (rows.length <= limit) {
    const page = await readPage(asking, query, place, limit + 1 - rows.length)
    const last = page.at(-1)
    if (!last) break
    rows.push(...page)
    place = [last.started_at, last.run_id]
  }
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { runs: page.map(runFromRow), ...(last && rows.length > limit && { next: cursorOf([last.started_at, last.run_id]) }) }
}

function readPage(asking: Asking, query: RunQuery, place: Place | undefined, limit: number): Promise<RunRow[]> {
  const { tenantId, projectId, status, name, startedFrom, startedBefore } = query
  return ask(
    'list runs',
    asking,
    (tables) => {
      let rows = tables.from('track_runs').select().eq('tenant_id', tenantId).order('started_at', { ascending: false }).order('run_id', { ascending: false }).limit(limit)
      if (projectId !== undefined) rows = rows.eq('project_id', projectId)
      if (status !== undefined) rows = rows.in('status', [status].flat())
      if (name !== undefined) rows = rows.eq('name', name)
      if (startedFrom !== undefined) rows = rows.gte('started_at', new Date(startedFrom).toISOString())
      if (startedBefore !== undefined) rows = rows.lt('started_at', new Date(startedBefore).toISOString())
      if (!place) return rows
      const [startedAt, runId] = place
      // The first condition is for the index, the second for runs of the same moment.
      return rows.lte('started_at', startedAt).or(`started_at.lt.${quoted(startedAt)},run_id.lt.${quoted(runId)}`)
    },
    runRows,
  )
}

function cursorOf(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

function parseCursor(cursor: string): Place {
  try {
    const [startedAt, runId] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (typeof startedAt === 'string' && !Number.isNaN(Date.parse(startedAt)) && typeof runId === 'string') return [startedAt, runId]
  } catch {
    // Said below.
  }
  throw new ContractError('listRuns', 'input', [{ path: ['after'], message: 'expected `next` of an earlier page' }])
}

/** A value inside PostgREST's `or=(…)`, where commas and brackets mean something. */
const quoted = (value: string): string => `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`
