import { isAscii } from 'node:buffer'
import { TerminalError } from '@track-orchestrator/registry'
import { tailBytes, type JournalRecord, type RecordedFacts, type RecordHead } from './record.ts'

/** A journal, of which what is kept of a line is a piece: a text for each line would be work for the garbage collector. */
export interface JournalText {
  readonly bytes: Buffer
  /** A character a byte. */
  readonly latin1: string
  /** Then it is the text itself. */
  readonly isAscii: boolean
}

export const journalText = (bytes: Buffer): JournalText => ({ bytes, latin1: bytes.toString('latin1'), isAscii: isAscii(bytes) })

/** Where the parts of a line stand. */
export interface LinePlace {
  readonly start: number
  /** Of an event, as `headEnd`. */
  readonly keyStart: number
  /** Behind the key, or the type. */
  readonly headEnd: number
  /** In front of the line feed. */
  readonly end: number
}

/** How a line begins, and what a call that finished mostly says in front of its output. */
const beforeAt = ',"at":'
const plainEnd = /,"path":"[^"\\]*","attempt":(\d+),"metadata":\{\},"output":/y

/** The head of a line, which is read when it is asked for. */
export class LineHead implements RecordHead {
  readonly n: number
  readonly type: string
  private readonly _text: JournalText
  private readonly _place: LinePlace

  constructor(text: JournalText, n: number, type: string, place: LinePlace) {
    this.n = n
    this.type = type
    this._text = text
    this._place = place
  }

  get key(): string | undefined {
    return this.type === 'event' ? undefined : this._text.latin1.slice(this._place.keyStart, this._place.headEnd - 1)
  }

  get at(): number {
    const { latin1 } = this._text
    const start = latin1.indexOf(',', this._place.start) + beforeAt.length
    return Number(latin1.slice(start, latin1.indexOf(',', start)))
  }

  whole(): JournalRecord {
    return parseFacts(this._text, this.n, this._place.start, this._place.end) as JournalRecord
  }

  rest(): RecordedFacts {
    return factsOf(this._text, this.n, this._place.headEnd, this._place.end)
  }
}

/** What a line says behind its key. Of most calls that finished, only the output is parsed. */
export function factsOf(text: JournalText, n: number, headEnd: number, end: number): RecordedFacts {
  plainEnd.lastIndex = headEnd
  const plain = plainEnd.exec(text.latin1)
  if (plain) {
    try {
      return { attempt: Number(plain[1]), metadata: {}, output: JSON.parse(textOf(text, plainEnd.lastIndex, end)) as unknown }
    } catch {
      // More stands behind the output.
    }
  }
  return parseFacts(text, n, headEnd + 1, end, '{') // behind a comma
}

function parseFacts(text: JournalText, n: number, start: number, end: number, before = ''): RecordedFacts {
  try {
    return JSON.parse(`${before}${textOf(text, start, end)}}`) as RecordedFacts
  } catch (cause) {
    throw new TerminalError(`Line ${n} of the journal fits its checksum, but is no JSON: it was changed after it was written. Restore the journal from a copy, or start the run anew.`, { code: 'journal/damaged', cause })
  }
}

function textOf({ bytes, latin1, isAscii: isText }: JournalText, start: number, end: number): string {
  return isText ? latin1.slice(start, end - tailBytes) : bytes.toString('utf8', start, end - tailBytes)
}
