/** Something that whoever runs the process should know of the log. */
export interface LogNotice {
  readonly code: NoticeCode
  /** One line, without secrets. */
  readonly message: string
}

export type NoticeCode =
  | 'unreachable' // Supabase does not answer, or answers that it is not well
  | 'credentials_refused'
  | 'write_forbidden'
  | 'migration_missing'
  | 'batch_refused' // every row of a batch, for a reason that is not in a row
  | 'recovered' // events are taken again, after one of the above
  | 'run_waits' // the rows of a run cannot be stored now: it is locked, or refused for an unclear reason; others go on
  | 'row_refused' // a row that PostgreSQL does not take went to dead.jsonl
  | 'line_unreadable' // what lies in the spool is no event: it went to dead.jsonl, or stays where it is
  | 'cannot_set_aside' // dead.jsonl takes nothing more
  | 'events_dropped' // no room on disk
  | 'spool_failed' // the disk cannot be written: events are kept in memory only

const troubles: ReadonlySet<NoticeCode> = new Set(['unreachable', 'credentials_refused', 'write_forbidden', 'migration_missing', 'batch_refused'])

/** At most one notice of a kind in this time, where there is no recovery to wait for. */
const quietMs = 60_000

/** Says each thing once: a trouble until it is over, the rest once a minute at most. A listener that throws is left alone. */
export class Notices {
  readonly #listener: (notice: LogNotice) => void
  readonly #said = new Map<NoticeCode, number>()

  constructor(listener: (notice: LogNotice) => void) {
    this.#listener = listener
  }

  say(code: NoticeCode, message: string): void {
    const before = this.#said.get(code)
    const now = performance.now()
    if (before !== undefined && (troubles.has(code) || now - before < quietMs)) return
    this.#said.set(code, now)
    this.#tell({ code, message })
  }

  /** What was said to be wrong is over. */
  recovered(message: string): void {
    const over = [...this.#said.keys()].filter((code) => troubles.has(code))
    if (over.length === 0) return
    for (const code of over) this.#said.delete(code)
    this.#tell({ code: 'recovered', message })
  }

  #tell(notice: LogNotice): void {
    try {
      this.#listener(notice)
    } catch {
      // A log must not fail the run that it follows, nor may its listener.
    }
  }
}
