import { printableLines, shellWord } from '@track-orchestrator/core/console'
import { redactValue } from '@track-orchestrator/registry'
import { hasColour, widthOf, type Terminal } from '../terminal.ts'
import { columnsOf } from './columns.ts'
import { markdownTable, markdownText, tableOf, wrap, type Column } from './table.ts'

export interface Format {
  readonly json?: boolean | undefined
  readonly markdown?: boolean | undefined
  /** The configuration as a person named it: lines that they are to type name it, too. */
  readonly config?: string | undefined
}

/** Writes what a command found, for a person, a page of Markdown, or a program. */
export class Shower {
  readonly width: number
  readonly #terminal: Terminal
  readonly #format: Format
  readonly #colours: boolean

  constructor(terminal: Terminal, format: Format) {
    this.#terminal = terminal
    this.#format = format
    this.width = widthOf(terminal)
    this.#colours = hasColour(terminal) && !format.markdown
  }

  /** What a person types for the command to do that: a shell hands on each word as it is here. */
  command(verb: string, args: readonly string[], options: readonly string[] = []): string {
    const { program, options: always } = this.called
    const said = [...options, ...always]
    const words = args.some((word) => word.startsWith('-')) ? [...said, '--', ...args] : [...args, ...said]
    return [program, verb, ...words.map((word) => shellWord(word))].join(' ')
  }

  /** How a person calls the command about the same runs. `options`: what they say to every verb. */
  get called(): { readonly program: string; readonly options: readonly string[] } {
    const { config } = this.#format
    return { program: this.#terminal.command ?? 'tracks', options: config === undefined || config === this.#terminal.configured ? [] : ['--config', config] }
  }

  get isJson(): boolean {
    return this.#format.json === true
  }

  /** A line for people, as many as the terminal needs for it; nothing where a program reads. */
  line(text = ''): void {
    const shown = printableLines(text)
    if (this.isJson) return
    // A line of its own is a paragraph of its own there.
    if (this.#format.markdown) this.#terminal.stdout.write(shown === '' ? '\n' : `${markdownText(shown)}\n\n`)
    else this.#terminal.stdout.write(`${shown.split('\n').map((one) => wrap(one, this.width)).join('\n')}\n`)
  }

  /** What people may type or copy: below what it is about where one line has no room for both, and never broken. */
  typed(about: string, command: string): void {
    if (this.isJson) return
    if (this.#format.markdown) return this.raw(`${markdownText(about)}${about === '' ? '' : ' '}${fenced(command, 1)}\n\n`)
    const isShort = about === '' || columnsOf(`${about}  ${command}`) <= this.width
    this.raw(`${about}${isShort ? '  ' : '\n  '}${command}\n`)
  }

  /** A line beside the output. */
  note(text: string): void {
    this.#terminal.stderr.write(`${printableLines(text)}\n`)
  }

  /** What a program is given, as one value; secrets are blotted out. */
  value(value: unknown): void {
    if (this.isJson) this.raw(`${JSON.stringify(redactValue(value), undefined, 2)}\n`)
  }

  /** What is copied as a whole, such as an output or a picture; `language`: what it is written in. */
  code(text: string, language: string): void {
    this.raw(this.#format.markdown ? `${fenced(`${text.trimEnd()}\n`, 3, language)}\n\n` : text)
  }

  raw(text: string): void {
    this.#terminal.stdout.write(printableLines(text))
  }

  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    if (this.isJson) return
    const text = this.#format.markdown ? markdownTable(columns, rows) : tableOf(columns, rows, this.width, this.#paint)
    this.#terminal.stdout.write(`${text}\n${this.#format.markdown ? '\n' : ''}`)
  }

  heading(text: string): void {
    this.line(this.#format.markdown ? `### ${text}` : text)
  }

  /** A word for how things stand, in colour. */
  readonly #paint = (word: string): string => {
    const colour = this.#colours ? colourOf.get(word) : undefined
    return colour === undefined ? word : `\u001B[${colour}m${word}\u001B[39m`
  }
}

/** Between more backticks than stand in it. */
function fenced(text: string, fewest: number, language?: string): string {
  const fence = '`'.repeat(Math.max(fewest, 1 + Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length))))
  const isBlock = language !== undefined
  const pad = !isBlock && /^`|`$/.test(text) ? ' ' : ''
  return isBlock ? `${fence}${language}\n${text}${fence}` : `${fence}${pad}${text}${pad}${fence}`
}

const [red, green, yellow, blue] = [31, 32, 33, 34]
const colourOf: ReadonlyMap<string, number> = new Map([['succeeded', green], ['reuse', green], ['ok', green], ['failed', red], ['damaged', red], ['cancelled', yellow], ['interrupted', yellow], ['running', blue], ['run', blue]])
