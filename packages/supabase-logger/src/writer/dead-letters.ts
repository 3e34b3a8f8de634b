import { appendFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { EventRow } from '../event-row.ts'
import type { Notices } from './notices.ts'
import { describeAnswer } from './tell-trouble.ts'
import type { SendResult } from './verdict.ts'

/** Rows that the database refuses, for a person to look at: a line each in `dead.jsonl`, with the answer. */
export class DeadLetters {
  readonly #path: string
  readonly #limitBytes: number
  readonly #notices: Notices
  count = 0

  constructor(spool: string, limitBytes: number, notices: Notices) {
    this.#path = join(spool, 'dead.jsonl')
    this.#limitBytes = limitBytes
    this.#notices = notices
  }

  add(row: EventRow, result: SendResult): void {
    this.count++
    const answer = describeAnswer(result)
    const isKept = this.#keep(`${JSON.stringify({ refusedAt: new Date().toISOString(), answer, row })}\n`)
    const where = isKept ? `It lies in ${this.#path}` : `${this.#path} is full or cannot be written: it is lost`
    this.#notices.say('row_refused', `Supabase refuses event ${row.id}: ${answer}. ${where}; the others go on`)
  }

  #keep(line: string): boolean {
    try {
      if ((statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0) + line.length > this.#limitBytes) return false
      appendFileSync(this.#path, line, { mode: 0o600 })
      return true
    } catch {
      return false
    }
  }
}
