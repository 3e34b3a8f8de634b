import { TerminalError } from '@track-orchestrator/registry'
import { decodeRecord, type JournalRecord } from './record.ts'

/** What a journal holds, as far as it is whole. */
export interface ReadRecords {
  readonly records: readonly JournalRecord[]
  /** Where the last whole record ends: what lies behind was being written when its process died. */
  readonly endBytes: number
}

const lineFeed = 10

/**
 * Reads a journal's bytes. A last line that is not whole is left out: its write was broken off. A line that is not whole in front of
 * whole ones was changed since: throws `journal_damaged`, saying which line and how much of the journal is readable.
 */
export function readRecords(bytes: Uint8Array, path: string): ReadRecords {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const records: JournalRecord[] = []
  let endBytes = 0
  for (let start = 0, end = text.indexOf(lineFeed); end >= 0; start = end + 1, end = text.indexOf(lineFeed, start)) {
    const record = decodeRecord(text.toString('utf8', start, end))
    if (record?.n !== records.length + 1) {
      if (hasRecordAfter(text, end + 1)) throw damaged(path, records.length)
      break
    }
    records.push(record)
    endBytes = end + 1
  }
  return { records, endBytes }
}

function hasRecordAfter(text: Buffer, from: number): boolean {
  for (let start = from, end = text.indexOf(lineFeed, from); end >= 0; start = end + 1, end = text.indexOf(lineFeed, start)) {
    if (decodeRecord(text.toString('utf8', start, end))) return true
  }
  return false
}

function damaged(path: string, readable: number): TerminalError {
  return new TerminalError(
    `Line ${readable + 1} of ${path} does not fit its checksum or its number, and whole lines follow: the file was changed after it was written. ` +
      `Its first ${readable} lines are readable. Restore it from a copy, or start the run anew.`,
    { code: 'journal/damaged' },
  )
}
