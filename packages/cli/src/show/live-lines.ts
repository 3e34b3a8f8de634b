/** How often the lines are drawn anew at most. Milliseconds. */
const everyMs = 100
const [hideCursor, showCursor] = ['\u001B[?25l', '\u001B[?25h']

/** Lines at the bottom of a terminal that change, below those that stay. */
export class LiveLines {
  readonly #stream: NodeJS.WritableStream
  #wanted: readonly string[] = []
  #drawn = 0
  #timer: NodeJS.Timeout | undefined

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream
  }

  /** What is to stand there. None may be as wide as the terminal. */
  set(lines: readonly string[]): void {
    this.#wanted = lines
    this.#timer ??= setTimeout(() => this.#draw(), everyMs)
  }

  /** A line that stays. */
  print(line: string): void {
    this.#draw(`${line}\n`)
  }

  /** Takes them away. */
  clear(): void {
    this.#wanted = []
    this.#draw()
  }

  #draw(before = ''): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const erase = this.#drawn > 0 ? `\u001B[${this.#drawn}A\u001B[0J` : ''
    const cursor = this.#wanted.length > 0 === this.#drawn > 0 ? '' : this.#wanted.length > 0 ? hideCursor : showCursor
    if (cursor === hideCursor) process.once('exit', this.#onExit)
    if (cursor === showCursor) process.off('exit', this.#onExit)
    this.#drawn = this.#wanted.length
    this.#stream.write(erase + before + cursor + this.#wanted.map((line) => `${line}\n`).join(''))
  }

  readonly #onExit = () => void this.#stream.write(showCursor)
}
