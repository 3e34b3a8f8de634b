import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { AnswerBox, Verdict } from '../engine/answer-box.ts'
import { notWritten, putOnce } from './put-once.ts'

const everyMs = 300
/** What is older was left by a process that was killed. */
const leftAfterMs = 60_000

/** The verdicts on a run's questions: a file each beside its journal, which the process that writes the run reads, now or when it goes on. */
export class Answers {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** `key`: the place and the input of the question; `time`: how often its time was over before. */
  box(key: string, time: number): AnswerBox {
    const folder = this.#folder
    const name = `${createHash('sha256').update(key).digest('hex').slice(0, 40)}-${time}.json`
    const path = join(folder, name)
    return {
      put: (verdict) => putOnce(folder, name, JSON.stringify(verdict)).catch(notWritten('The answer', folder)),
      take: async () => {
        const json = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return undefined
          throw error
        })
        return json === undefined ? undefined : (JSON.parse(json) as Verdict)
      },
      empty: () => rm(path, { force: true }),
      watch: (tell) => {
        const timer = setInterval(() => {
          if (existsSync(path)) tell()
        }, everyMs)
        return () => clearInterval(timer)
      },
    }
  }

  /** Removes what was left by processes that were killed while they put a verdict here. */
  async tidy(): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [] as string[])) {
      if (!name.startsWith('.')) continue
      const path = join(this.#folder, name)
      const made = await stat(path).catch(() => undefined)
      if (made && Date.now() - made.mtimeMs > leftAfterMs) await rm(path, { force: true })
    }
  }
}
