import { columnsOf, cutTo } from './columns.ts'

/** How often the lines are drawn anew at most. Milliseconds. */
const everyMs = 100
const [hideCursor, showCursor] = ['\u001B[?25l', '\u001B[?25h']

/** Lines at the bottom of a terminal that change, below those that stay. */
export class LiveLines {
  readonly #stream: NodeJS.WritableStream & { readonly columns?: number }
  readonly #write: NodeJS.WritableStream['write']
  readonly #release: (() => void)[] = []
  #wanted: readonly ((columns: number) => string)[] = []
  #drawn: readonly string[] = []
  #timer: NodeJS.Timeout | undefined

  /** `stream`: a terminal, which may become wider or narrower. */
  constructor(stream: NodeJS.WritableStream & { readonly columns?: number }) {
    this.#stream = stream
    this.#write = stream.write.bind(stream)
  }

  /** What others write to these streams meanwhile, which a person sees on the same terminal, stays above the lines as well. */
  guard(streams: readonly NodeJS.WritableStream[]): void {
    if (this.#release.length > 0) return
    for (const stream of streams) {
      const own = Object.getOwnPropertyDescriptor(stream, 'write')
      stream.write = (chunk: string | Uint8Array, encoding?: BufferEncoding | (() => void), done?: () => void) => {
        const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
        this.#draw(text === '' || text.endsWith('\n') ? text : `${text}\n`)
        const told = typeof encoding === 'function' ? encoding : done
        if (told) process.nextTick(told)
        return true
      }
      this.#release.push(() => void (own ? Object.defineProperty(stream, 'write', own) : Reflect.deleteProperty(stream, 'write')))
    }
  }

  /** Takes them away, and lets others write as before. */
  end(): void {
    this.#wanted = []
    this.#draw()
    for (const release of this.#release.splice(0)) release()
  }

  /** What is to stand there, for so many columns; what is wider all the same is cut. */
  set(lines: readonly ((columns: number) => string)[]): void {
    this.#wanted = lines
    this.#timer ??= setTimeout(() => this.#draw(), everyMs)
  }

  /** A line that stays. */
  print(line: string): void {
    this.#draw(`${line}\n`)
  }

  #draw(before = ''): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const columns = this.#stream.columns ?? 80
    // A line that was drawn when the terminal was wider goes over several now.
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(columnsOf(line) / columns)), 0)
    const erase = rows > 0 ? `\u001B[${rows}A\u001B[0J` : ''
    const lines = this.#wanted.map((lineOf) => cutTo(lineOf(columns - 1), columns - 1))
    const cursor = lines.length > 0 === this.#drawn.length > 0 ? '' : lines.length > 0 ? hideCursor : showCursor
    if (cursor === hideCursor) process.once('exit', this.#onExit)
    if (cursor === showCursor) process.off('exit', this.#onExit)
    this.#drawn = lines
    this.#write(erase + before + cursor + lines.map((line) => `${line}\n`).join(''))
  }

  readonly #onExit = () => void this.#write(showCursor)
}
