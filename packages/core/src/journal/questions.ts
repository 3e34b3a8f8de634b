import type { JournalRecord } from './record.ts'
import { timesOver } from './recorded-calls.ts'

/** A question of a run, as it stands last. */
export interface QuestionRecord {
  readonly path: string
  readonly track: string
  readonly step: string
  /** What it is called: see `approve`. */
  readonly name: string
  /** The place and the input. */
  readonly key: string
  /** How often its time was over before. */
  readonly time: number
  /** Milliseconds since 1970 (UTC). */
  readonly askedAt: number
  readonly until: number
  /** `dropped`: the run has succeeded without an answer, since its definition asked no more, or another sub-track won. */
  readonly status: 'open' | 'answered' | 'timedOut' | 'dropped'
  /** The record that holds what is shown to who answers. */
  readonly record: JournalRecord
}

/** A question that a run waits with, or its process did. */
export interface JournaledQuestion extends Pick<QuestionRecord, 'path' | 'track' | 'step' | 'name' | 'askedAt' | 'until'> {
  /** What is shown to who answers. */
  readonly input?: unknown
  /** It is answered, and the answer waits for the run to go on. */
  readonly isAnswered: boolean
}

/** The questions in a run's records, in the order in which they were asked last. */
export function questionsIn(records: readonly JournalRecord[]): QuestionRecord[] {
  const last = new Map<string, JournalRecord>()
  for (const record of records) {
    if (record.type !== 'call.started' || record['asks'] === undefined) continue
    last.delete(record['path'] as string)
    last.set(record['path'] as string, record)
  }
  const succeededAt = records.findLast(({ type, status }) => type === 'run.ended' && status === 'succeeded')?.n ?? -1
  return [...last.values()].map((record) => {
    const key = record['key'] as string
    const same = records.filter((other) => other['key'] === key)
    const succeeded = same.findLast(({ type, n }) => type === 'call.succeeded' && n > record.n)
    const { timeoutMs, askedAt = record.at } = record['asks'] as { readonly timeoutMs: number; readonly askedAt?: number }
    const time = timesOver(same)
    const isOver = same.some((other) => other.n > record.n && timesOver([other]) > 0)
    return {
      path: record['path'] as string,
      track: record['track'] as string,
      step: record['step'] as string,
      name: record['taskName'] as string,
      key,
      time,
      askedAt,
      until: askedAt + timeoutMs,
      status: isOver || (succeeded?.['metadata'] as { timedOut?: boolean } | undefined)?.timedOut ? 'timedOut' : succeeded ? 'answered' : record.n < succeededAt ? 'dropped' : 'open',
      record,
    }
  })
}
