import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const nameOf = (runFolder: string): string => join(runFolder, 'cancel')
const everyMs = 500

/** Asks whoever writes the run to cancel it. */
export async function askToCancel(runFolder: string): Promise<void> {
  await writeFile(nameOf(runFolder), '', { mode: 0o600 })
}

/** Looks whether another process asks for the run to be cancelled. */
export class CancelWatch {
  readonly #path: string
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout

  private constructor(path: string) {
    this.#path = path
    this.#timer = setInterval(() => {
      if (existsSync(path)) this.#controller.abort(new Error('another process asked for it'))
    }, everyMs)
    this.#timer.unref()
  }

  /** What was asked before the run was taken up is past. */
  static async begin(runFolder: string): Promise<CancelWatch> {
    await rm(nameOf(runFolder), { force: true })
    return new CancelWatch(nameOf(runFolder))
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  async end(): Promise<void> {
    clearInterval(this.#timer)
    await rm(this.#path, { force: true })
  }
}
