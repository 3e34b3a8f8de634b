import { printableLines, shellWord } from '@track-orchestrator/core/console'
import { redactValue } from '@track-orchestrator/registry'
import { hasColour, widthOf, type Terminal } from '../terminal.ts'
import { markdownTable, tableOf, wrap, type Column } from './table.ts'

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
    const { config } = this.#format
    const said = [...options, ...(config === undefined || config === this.#terminal.configured ? [] : ['--config', config])]
    const words = args.some((word) => word.startsWith('-')) ? [...said, '--', ...args] : [...args, ...said]
    return [this.#terminal.command ?? 'tracks', verb, ...words.map((word) => shellWord(word))].join(' ')
  }

  get isJson(): boolean {
    return this.#format.json === true
  }

  /** A line for people, as many as the terminal needs for it; nothing where a program reads. */
  line(text = ''): void {
    const shown = printableLines(text)
    if (!this.isJson) this.#terminal.stdout.write(`${this.#format.markdown ? shown : shown.split('\n').map((one) => wrap(one, this.width)).join('\n')}\n`)
  }

  /** What people may type or copy: below what it is about where one line has no room for both, and never broken. */
  typed(about: string, command: string): void {
    if (this.isJson) return
    const isShort = about === '' || Array.from(`${about}  ${command}`).length <= this.width
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

  raw(text: string): void {
    this.#terminal.stdout.write(printableLines(text))
  }

  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    if (this.isJson) return
    const text = this.#format.markdown ? markdownTable(columns, rows) : this.#paint(tableOf(columns, rows, this.width))
    this.#terminal.stdout.write(`${text}\n`)
  }

  heading(text: string): void {
    this.line(this.#format.markdown ? `### ${text}\n` : text)
  }

  /** The words for how things stand, in colour. */
  #paint(text: string): string {
    if (!this.#colours) return text
    return text.replaceAll(/(?<=^|\s)(succeeded|reuse|ok|failed|damaged|cancelled|interrupted|running|run)(?=\s|$)/gm, (word) => `\u001B[${colourOf[word]}m${word}\u001B[39m`)
  }
}

const [red, green, yellow, blue] = [31, 32, 33, 34]
const colourOf: Readonly<Record<string, number>> = { succeeded: green, reuse: green, ok: green, failed: red, damaged: red, cancelled: yellow, interrupted: yellow, running: blue, run: blue }
