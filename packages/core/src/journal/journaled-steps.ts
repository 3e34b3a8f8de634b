import { addCosts, TracksError, type Costs, type ErrorJson } from '@track-orchestrator/registry'
import type { Blobs } from './blobs.ts'
import { paidIn } from './paid-costs.ts'
import { readStored } from './call-lookup.ts'
import { pathOf, type JournalRecord, type RecordHead } from './record.ts'
import type { RecordHeads } from './record-heads.ts'
import type { WhyRun } from './recorded-calls.ts'

/** What a journal knows of one call: a step, an item of one (`translate[3]`), or a task that a handler asked for. */
export interface JournaledStep {
  readonly path: string
  readonly track: string
  readonly step: string
  readonly taskName: string
  /** A handler asked for it. */
  readonly nested: boolean
  /** `running`: it runs, or its process ended before it did. */
  readonly status: 'running' | 'succeeded' | 'failed'
  /** Of the last time it ran: how many attempts that took. */
  readonly attempts: number
  /** Milliseconds since 1970 (UTC). */
  readonly startedAt: number
  readonly endedAt?: number
  /** How often it was begun. */
  readonly begun: number
  /** Why it was begun the last time, where it had not been new. */
  readonly why?: WhyRun
  /** The run that it was taken over from. */
  readonly takenFrom?: string
  readonly error?: ErrorJson
  /** What its handler, or the engine, noted of its end: `timedOut` where nobody answered in time. Absent where nothing was. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** What it has paid in this run, every time it ran, with what its handler had others do. Absent where nothing was. */
  readonly costs?: Costs
  /** The values, where they are still there. */
  readonly input?: unknown
  readonly output?: unknown
}

/** The calls of a run in the order in which they began, each as it stands at the end of the records. */
export async function stepsOf(heads: RecordHeads, blobs: Blobs): Promise<JournaledStep[]> {
  const byPath = new Map<string, { began: RecordHead; ended?: RecordHead; begun: number }>()
  for (const head of heads) {
    const path = pathOf(head)
    if (path === undefined) continue
    const known = byPath.get(path)
    if (head.type === 'call.started') byPath.set(path, { began: head, begun: (known?.begun ?? 0) + 1 })
    else if (known) known.ended = head
  }
  const paid = costsBelow(Object.entries(paidIn(heads.ofRun)))
  return Promise.all([...byPath].map(async ([path, { began, ended, begun }]) => ({ ...(await stepOf(began.whole(), ended?.whole(), begun, blobs)), ...(paid.has(path) && { costs: paid.get(path)! }) })))
}

/** By the path of each call, with what its handler asked for. */
function costsBelow(paid: readonly (readonly [string, Costs])[]): Map<string, Costs> {
  const sums = new Map<string, Costs>()
  for (const [path, costs] of paid) for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) sums.set(path.slice(0, end), addCosts(sums.get(path.slice(0, end)), costs))
  return sums
}

async function stepOf(began: JournalRecord, ended: JournalRecord | undefined, begun: number, blobs: Blobs): Promise<JournaledStep> {
  const of = ended?.['of'] as string | undefined
  return {
    path: began['path'] as string,
    track: began['track'] as string,
    step: began['step'] as string,
    taskName: began['taskName'] as string,
    nested: began['nested'] === true,
    status: !ended ? 'running' : ended.type === 'call.succeeded' ? 'succeeded' : 'failed',
    attempts: ended ? (ended['attempt'] as number) : 0,
    startedAt: began.at,
    ...(ended && { endedAt: ended.at }),
    begun,
    ...(began['why'] !== undefined && { why: began['why'] as WhyRun }),
    ...(of !== undefined && { takenFrom: of }),
    ...(Object.keys(ended?.['metadata'] ?? {}).length > 0 && { metadata: ended!['metadata'] as Record<string, unknown> }),
    ...(ended?.['error'] !== undefined && { error: ended['error'] as ErrorJson }),
    ...(await valueOf(began, 'input', blobs)),
    ...(ended?.type === 'call.succeeded' && (await valueOf(ended, 'output', blobs))),
  }
}

async function valueOf(record: JournalRecord, name: 'input' | 'output', blobs: Blobs): Promise<object> {
  try {
    return { [name]: await readStored(record, name, blobs) }
  } catch (error) {
    if (TracksError.is(error) && error.code === 'journal/output_missing') return {}
    throw error
  }
}
