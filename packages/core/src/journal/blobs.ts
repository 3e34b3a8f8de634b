import { createHash } from 'node:crypto'
import { link, lstat, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { TerminalError } from '@track-orchestrator/registry'
import { makeFolder } from '@track-orchestrator/registry/folders'
import { putOnce } from './put-once.ts'

/** A value that is too big for a line of the journal, by the SHA-256 of its JSON. */
export interface BlobReference {
  readonly sha256: string
  readonly sizeBytes: number
}

/** JSON of more bytes lies beside the journal. */
const inlineLimitBytes = 16_384

/** Whether the JSON stands in the journal itself. What is short enough whatever its characters is not counted. */
export const isInline = (json: string): boolean => json.length * 3 <= inlineLimitBytes || Buffer.byteLength(json) <= inlineLimitBytes

/** The big values of one run: a file each, named by its content, written once. */
export class Blobs {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Removes what a process left that was killed while it put a value here. For who writes the run alone. */
  async tidy(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => [] as string[])
    for (const name of names) if (name.startsWith('.')) await rm(join(this.#folder, name), { force: true, recursive: true })
  }

  /** Resolves when the value is safe from a loss of power. Throws what the file system throws. */
  async put(json: string): Promise<BlobReference> {
    const sha256 = createHash('sha256').update(json).digest('hex')
    await putOnce(this.#folder, `${sha256}.json`, json)
    return { sha256, sizeBytes: Buffer.byteLength(json) }
  }

  /** The JSON. Throws `journal/output_missing` where the file is gone or is not what was written. */
  async get({ sha256 }: BlobReference): Promise<string> {
    const json = await readFile(this.#pathOf(sha256), 'utf8').catch((cause: unknown) => {
      throw missing(sha256, 'is gone', cause)
    })
    if (createHash('sha256').update(json).digest('hex') !== sha256) throw missing(sha256, 'was changed')
    return json
  }

  /** Shares the other run's value: it stays where that run is deleted. Answers whether it is there. */
  async adopt(other: Blobs, { sha256 }: BlobReference): Promise<boolean> {
    await makeFolder(this.#folder, { mode: 0o700 })
    try {
      await link(other.#pathOf(sha256), this.#pathOf(sha256))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') return true
      // Not there; or a folder, which nobody can give a second name.
      if (code === 'ENOENT' || code === 'ENOTDIR' || (await isFolder(other.#pathOf(sha256)))) return false
      throw error
    }
    return true
  }

  #pathOf(sha256: string): string {
    return join(this.#folder, `${sha256}.json`)
  }
}

const isFolder = (path: string): Promise<boolean> => lstat(path).then((it) => it.isDirectory(), () => false)

function missing(sha256: string, what: string, cause?: unknown): TerminalError {
  return new TerminalError(`The recorded value ${sha256.slice(0, 12)} ${what}: the step that made it must run again.`, { code: 'journal/output_missing', cause })
}
