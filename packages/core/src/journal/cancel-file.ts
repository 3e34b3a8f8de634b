import { existsSync } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { notWritten } from './put-once.ts'
import { holdersOf } from './run-lock.ts'

const prefix = 'cancel.'
const everyMs = 500

/** Asks whoever writes the run to cancel it: by a file that names the lock, so that it is not taken for one of before, however soon after the lock was taken it comes. */
export async function askToCancel(runFolder: string): Promise<void> {
  for (const holder of await holdersOf(runFolder)) await writeFile(join(runFolder, prefix + holder), '', { mode: 0o600 }).catch(notWritten('The request to cancel', runFolder))
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

  /** For who holds the lock of that id. What was asked of those who held it before is past. */
  static async begin(runFolder: string, lockId: string): Promise<CancelWatch> {
    const own = prefix + lockId
    for (const name of await readdir(runFolder)) if (name.startsWith(prefix) && name !== own) await rm(join(runFolder, name), { force: true, recursive: true })
    return new CancelWatch(join(runFolder, own))
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  async end(): Promise<void> {
    clearInterval(this.#timer)
    await rm(this.#path, { force: true })
  }
}
