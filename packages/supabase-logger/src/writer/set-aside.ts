import { appendFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { EventRow } from '../event-row.ts'
import { describeAnswer, type SendResult } from './answer.ts'
import type { Notices } from './notices.ts'

/** What was set aside in a spool, a line each. */
export const setAsideFile = 'dead.jsonl'

/** A row that the database refuses, or a line of the spool that is none of ours. */
export type SetAsideEntry = { readonly refusedAt: string; readonly answer: string } & ({ readonly row: EventRow } | { readonly line: string })

/** Rows and lines that cannot be stored, for a person to look at and to send again. */
export class SetAside {
  readonly #path: string
  readonly #limitBytes: number
  readonly #notices: Notices
  count = 0

  constructor(spool: string, limitBytes: number, notices: Notices) {
    this.#path = join(spool, setAsideFile)
    this.#limitBytes = limitBytes
    this.#notices = notices
  }

  /** Whether it was set aside. Where there is no room for it, it has to wait where it is. */
  addRow(row: EventRow, result: SendResult): boolean {
    const answer = describeAnswer(result)
    const isKept = this.#add({ refusedAt: new Date().toISOString(), answer, row }, `Event ${row.id}, which Supabase refuses,`)
    if (isKept) this.#notices.say('row_refused', `Supabase refuses event ${row.id}: ${answer}. It lies in ${this.#path}; the others go on`)
    return isKept
  }

  /** The same for a line; `sample`: its beginning. */
  addLine(sample: string): boolean {
    const isKept = this.#add({ refusedAt: new Date().toISOString(), answer: 'not a line of this log', line: sample }, 'A line that is no event')
    if (isKept) this.#notices.say('line_unreadable', `A line of the spool is no event: it lies in ${this.#path}; the others are sent`)
    return isKept
  }

  #add(entry: SetAsideEntry, what: string): boolean {
    try {
      const line = `${JSON.stringify(entry)}\n`
      if ((statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0) + Buffer.byteLength(line) > this.#limitBytes) throw new Error('it is full')
      appendFileSync(this.#path, line, { mode: 0o600 })
      this.count++
      return true
    } catch (error) {
      this.#notices.say('cannot_set_aside', `${what} waits, and others behind it may: ${this.#path} takes nothing more (${(error as Error).message}). Look at it, and send it again or remove it`)
      return false
    }
  }
}
