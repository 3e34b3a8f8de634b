import { isAscii } from 'node:buffer'
import { TerminalError } from '@track-orchestrator/registry'
import { tailBytes, type JournalRecord, type RecordedFacts, type RecordHead } from './record.ts'

/** A journal, of which what is kept of a line is where it stands: a text for each line would be work for the garbage collector, and one of the whole is a second copy. */
export interface JournalText {
  readonly bytes: Buffer
  /** A character a byte. */
  readonly isAscii: boolean
}

export const journalText = (bytes: Buffer): JournalText => ({ bytes, isAscii: isAscii(bytes) })

/** Where the parts of a line stand. */
export interface LinePlace {
  readonly start: number
  /** Of an event, as `headEnd`. */
  readonly keyStart: number
  /** Of a call, behind its path. */
  readonly pathEnd: number
  /** Behind the key, or the type. */
  readonly headEnd: number
  /** In front of the line feed. */
  readonly end: number
}

const comma = 0x2c
const beforeAt = ',"at":'
/** What a call that finished mostly says between its key and its output; `task` where its path does not tell it. */
const [beforePath, beforeAttempt, noMetadata, beforeTask, beforeOutput] = [',"path":"', '","attempt":', ',"metadata":{}', ',"task":"', ',"output":'] as const
const [quote, backslash] = [0x22, 0x5c] as const

/** Whether the text, of ASCII alone, stands there. Byte by byte, for so few: a search, or a string of those bytes, costs more. */
export function standsAt(bytes: Buffer, place: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) if (bytes[place + index] !== text.charCodeAt(index)) return false
  return true
}

/** Behind the digits that begin there. */
export function digitsEnd(bytes: Buffer, start: number): number {
  let end = start
  while (isDigit(bytes[end])) end++
  return end
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39

/** The number that is written there. */
export function numberIn(bytes: Buffer, start: number, end: number): number {
  let number = 0
  for (let place = start; place < end; place++) number = number * 10 + bytes[place]! - 0x30
  return number
}

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
    return this.type === 'event' ? undefined : this._text.bytes.toString('latin1', this._place.keyStart, this._place.headEnd - 1)
  }

  get at(): number {
    const { bytes } = this._text
    const start = bytes.indexOf(comma, this._place.start) + beforeAt.length
    return numberIn(bytes, start, digitsEnd(bytes, start))
  }

  whole(): JournalRecord {
    return parseFacts(this._text, this.n, this._place.start, this._place.end) as JournalRecord
  }

  rest(): RecordedFacts {
    return factsOf(this._text, this.n, this._place)
  }
}

/** What a line says behind its key. Of most calls that finished, only the output is parsed. */
export function factsOf(text: JournalText, n: number, { keyStart, pathEnd, headEnd, end }: LinePlace): RecordedFacts {
  const { bytes } = text
  const attemptStart = headEnd + beforePath.length + (pathEnd - keyStart) + beforeAttempt.length
  const attemptEnd = digitsEnd(bytes, attemptStart)
  if (standsAt(bytes, headEnd, beforePath) && standsAt(bytes, attemptStart - beforeAttempt.length, beforeAttempt) && standsAt(bytes, attemptEnd, noMetadata)) {
    const metadataEnd = attemptEnd + noMetadata.length
    const taskStart = metadataEnd + beforeTask.length
    const taskEnd = standsAt(bytes, metadataEnd, beforeTask) ? textEnd(bytes, taskStart, end) : undefined
    const outputStart = taskEnd === undefined ? metadataEnd : taskEnd + 1
    if (standsAt(bytes, outputStart, beforeOutput)) {
      try {
        const output = JSON.parse(textOf(text, outputStart + beforeOutput.length, end)) as unknown
        return { attempt: numberIn(bytes, attemptStart, attemptEnd), metadata: {}, ...(taskEnd !== undefined && { task: bytes.toString('utf8', taskStart, taskEnd) }), output }
      } catch {
        // More stands behind the output.
      }
    }
  }
  return parseFacts(text, n, headEnd + 1, end, '{') // behind a comma
}

/** Where the text in quotes ends that begins there; nothing where it holds what is not itself in JSON. */
function textEnd(bytes: Buffer, start: number, end: number): number | undefined {
  for (let place = start; place < end; place++) {
    if (bytes[place] === quote) return place
    if (bytes[place] === backslash) return undefined
  }
  return undefined
}

function parseFacts(text: JournalText, n: number, start: number, end: number, before = ''): RecordedFacts {
  try {
    return JSON.parse(`${before}${textOf(text, start, end)}}`) as RecordedFacts
  } catch (cause) {
    throw new TerminalError(`Line ${n} of the journal fits its checksum, but is no JSON: it was changed after it was written. Restore the journal from a copy, or start the run anew.`, { code: 'journal/damaged', cause })
  }
}

/** Without the checksum. */
function textOf({ bytes, isAscii: isText }: JournalText, start: number, end: number): string {
  return bytes.toString(isText ? 'latin1' : 'utf8', start, end - tailBytes)
}
