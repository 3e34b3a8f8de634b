import { open } from 'node:fs/promises'
import { TerminalError } from '@track-orchestrator/registry'
import { RecordHeads } from './record-heads.ts'
import { decodeRecord, type JournalRecord } from './record.ts'

/** Where the last whole record ends: what lies behind was being written when its process died. */
interface EndOfReading {
  readonly endBytes: number
}

/** Where a reader of a journal is: behind this record, and so many bytes. */
export interface JournalPlace {
  readonly n: number
  readonly bytes: number
  /** The number of the file: a run that was deleted, and begun anew under its id, has another. */
  readonly file?: number
}

const lineFeed = 10

/**
 * Reads a journal's bytes. A last line that is not whole is left out: its write was broken off. A line that is not whole in front of
 * whole ones was changed since: throws `journal/damaged`, saying which line and how much of the journal is readable. `before`: where an
 * earlier reading ended, and the bytes begin.
 */
export function readRecords(bytes: Uint8Array, path: string, before?: JournalPlace): EndOfReading & { readonly records: readonly JournalRecord[] } {
  const text = bufferOf(bytes)
  const records: JournalRecord[] = []
  const take = (start: number, end: number, n: number): boolean => {
    const record = decodeRecord(text, start, end)
    return record?.n === n && records.push(record) > 0
  }
  return { records, endBytes: readLines(text, path, take, before) }
}

/** As `readRecords`, with no more of each record than its head. */
export function readHeads(bytes: Uint8Array, path: string): EndOfReading & { readonly heads: RecordHeads } {
  const text = bufferOf(bytes)
  const heads = new RecordHeads(text)
  return { heads, endBytes: readLines(text, path, (start, end) => heads.take(start, end)) }
}

/** What is given in the place of a file or folder that is not there. One that is there and cannot be read is another matter: throws `journal/unreadable`. */
export const ifAbsent = <Nothing>(path: string, nothing: Nothing) => (error: NodeJS.ErrnoException): Nothing => {
  if (error.code === 'ENOENT') return nothing
  throw new TerminalError(`${path} cannot be read (${error.code ?? error.message}). See what it is, and whose.`, { code: 'journal/unreadable', cause: error })
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Gives each line to `take`, which answers whether it is the whole record of that number. The end of the last one, in bytes of the file. */
function readLines(text: Buffer, path: string, take: (start: number, end: number, n: number) => boolean, before: JournalPlace = { n: 0, bytes: 0 }): number {
  let endBytes = before.bytes
  let { n } = before
  for (let start = 0, end = text.indexOf(lineFeed); end >= 0; start = end + 1, end = text.indexOf(lineFeed, start)) {
    if (!take(start, end, n + 1)) {
      const following = wholeRecords(text, end + 1).length
      // A line that is broken off has no end: where there is one and no record, this was no journal, or is none any more.
      if (following > 0 || n === 0) throw damaged(path, n, following)
      break
    }
    n++
    endBytes = before.bytes + end + 1
  }
  return endBytes
}

/** Reads what stands behind `place` in the file. Nothing where there is no file, or it is another than the place was in. */
export async function readBehind(path: string, place: JournalPlace): Promise<{ readonly records: readonly JournalRecord[]; readonly place: JournalPlace } | undefined> {
  const file = await open(path, 'r').catch(ifAbsent(path, undefined))
  if (!file) return undefined
  try {
    const { size, ino, birthtimeMs } = await file.stat()
    // The number alone may have been given to the next file.
    const made = ino + birthtimeMs
    if ((place.file !== undefined && place.file !== made) || size < place.bytes) return undefined
    const bytes = Buffer.alloc(size - place.bytes)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, place.bytes).catch(ifAbsent(path, { bytesRead: 0 }))
    const { records, endBytes } = readRecords(bytes.subarray(0, bytesRead), path, place)
    return { records, place: { n: place.n + records.length, bytes: endBytes, file: made } }
  } finally {
    await file.close()
  }
}

/** The records that are whole behind `from`, whatever stands between them. */
export function wholeRecords(text: Buffer, from: number): JournalRecord[] {
  const found: JournalRecord[] = []
  for (let start = from, end = text.indexOf(lineFeed, from); end >= 0; start = end + 1, end = text.indexOf(lineFeed, start)) {
    const record = decodeRecord(text, start, end)
    if (record) found.push(record)
  }
  return found
}

function damaged(path: string, readable: number, following: number): TerminalError {
  const left = readable === 0 ? 'No line before it tells what the run was' : `Its first ${readable} lines are readable`
  return new TerminalError(
    `Line ${readable + 1} of ${path} does not fit its checksum or its number${following > 0 ? `, and ${following} whole lines follow` : ''}: the file was changed after it was written. ` +
      `${left}. Restore it from a copy, start the run anew, or delete it.`,
    { code: 'journal/damaged' },
  )
}
