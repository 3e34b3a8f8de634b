import { TracksError, type ErrorJson } from '@track-orchestrator/registry'
import type { Blobs } from './blobs.ts'
import { readStored } from './call-lookup.ts'
import type { JournalRecord } from './record.ts'
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
  /** The values, where they are still there. */
  readonly input?: unknown
  readonly output?: unknown
}

/** The calls of a run in the order in which they began, each as it stands at the end of the records. */
export async function stepsOf(records: readonly JournalRecord[], blobs: Blobs): Promise<JournaledStep[]> {
  const byPath = new Map<string, { began: JournalRecord; ended?: JournalRecord; begun: number }>()
  for (const record of records) {
    const path = record['path'] as string
    if (record.type === 'call.started') byPath.set(path, { began: record, begun: (byPath.get(path)?.begun ?? 0) + 1 })
    const known = byPath.get(path)
    if (known && (record.type === 'call.succeeded' || record.type === 'call.failed')) known.ended = record
  }
  return Promise.all([...byPath.values()].map(({ began, ended, begun }) => stepOf(began, ended, begun, blobs)))
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
