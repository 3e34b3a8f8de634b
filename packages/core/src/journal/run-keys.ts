import { createHash } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { notWritten, putOnce } from './put-once.ts'

/** The run that a key stands for. */
export interface KeyedRun {
  readonly runId: string
  /** Until when its output is given, in milliseconds since 1970. */
  readonly until: number
  /** How many runs the key stood for before. */
  readonly number: number
}

/** Keys of runs: a folder for each below `keys/`, named by the key's hash, and in it a file with the run that the key stands for. Who puts it there first has the key. */
export class RunKeys {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The run that the key stands for, if there is one. */
  async find(key: string): Promise<KeyedRun | undefined> {
    const [number] = await this.#numbers(key)
    if (number === undefined) return undefined
    const text = await readFile(join(this.#folderOf(key), String(number)), 'utf8').catch(() => undefined)
    if (text === undefined) return this.find(key) // another process has put a later one in its place
    return { ...(JSON.parse(text) as Omit<KeyedRun, 'number'>), number }
  }

  /** Lets the key stand for a run, in place of what it stood for before. Answers false where another process was first. */
  async claim(key: string, run: Omit<KeyedRun, 'number'>, before: KeyedRun | undefined): Promise<boolean> {
    const number = before ? before.number + 1 : 0
    if (!(await putOnce(this.#folderOf(key), String(number), JSON.stringify(run)).catch(notWritten('The key of the run', this.#folder)))) return false
    for (const old of await this.#numbers(key)) if (old < number) await rm(join(this.#folderOf(key), String(old)), { force: true })
    return true
  }

  /** The latest first. */
  async #numbers(key: string): Promise<number[]> {
    const names = await readdir(this.#folderOf(key)).catch(() => [] as string[])
    return names.filter((name) => /^\d+$/.test(name)).map(Number).toSorted((a, b) => b - a)
  }

  #folderOf(key: string): string {
    return join(this.#folder, createHash('sha256').update(key).digest('hex').slice(0, 40))
  }
}
