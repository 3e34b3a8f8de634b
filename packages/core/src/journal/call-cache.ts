import { createHash, randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { canonicalJson, contractFingerprint, type Costs } from '@track-orchestrator/registry'
import { makeFolder } from '@track-orchestrator/registry/folders'
import type { TaskCall } from '../engine/engine.ts'
import type { BlobReference } from './blobs.ts'
import { contentOfFile, lookUpMedia, type ContentOf } from './media-content.ts'

/** What a call came to, as it is kept for later runs. */
export interface KeptOutcome {
  readonly output?: unknown
  /** In place of `output`, a value of the run that made it. */
  readonly blob?: BlobReference
  readonly attempt: number
  readonly metadata: Readonly<Record<string, unknown>>
  /** What it cost. */
  readonly costs?: Costs
}

interface Entry extends KeptOutcome {
  /** Milliseconds since 1970 (UTC). */
  readonly at: number
  /** Files that the output names, by URL, and what lay there. */
  readonly media: Readonly<Record<string, string>>
}

/**
 * Outcomes of calls of earlier runs, for contracts that allow it (`cache`). An outcome lies in the folder of the run that made it, and goes
 * with that; by its key, only the name of that run is kept. What cannot be read or written is not there: nothing fails because of a cache.
 */
export class CallCache {
  readonly #folder: string
  readonly #folderOf: (runId: string) => string
  readonly #contentOf: ContentOf
  readonly #keys = new WeakMap<TaskCall, Promise<string | undefined>>()

  /** `folderOf`: where a run lies. `contentOf`: asked first; files on this machine are known without it. */
  constructor(folder: string, folderOf: (runId: string) => string, contentOf: ContentOf | undefined) {
    this.#folder = folder
    this.#folderOf = folderOf
    this.#contentOf = async (url, whose) => (await contentOf?.(url, whose)) ?? contentOfFile(url)
  }

  /** What an earlier run made of the same: where it is still there, not too old, and every file that it names is what it was. */
  async take(call: TaskCall): Promise<(KeptOutcome & { readonly runId: string }) | undefined> {
    try {
      const key = await this.#keyOf(call)
      if (key === undefined) return undefined
      const { runId } = (await readJson(this.#pathOf(key))) as { runId: string }
      const { at, media, ...kept } = (await readJson(this.#entryOf(runId, key))) as Entry
      const { ttlMs } = call.contract.cache!
      if (ttlMs !== undefined && Date.now() >= at + ttlMs) return undefined
      for (const [url, content] of Object.entries(media)) if ((await this.#contentOf(url, call.base)) !== content) return undefined
      return { ...kept, runId }
    } catch {
      return undefined
    }
  }

  /** Looks at what goes in while it is what goes in: the handler may change its input, or the files. */
  async prepare(call: TaskCall): Promise<void> {
    await this.#keyOf(call).catch(() => {})
  }

  /** Keeps an outcome for later runs. `output`: the value itself, to find the files that it names. */
  async keep(call: TaskCall, runId: string, outcome: KeptOutcome, output: unknown): Promise<void> {
    try {
      const [key, named] = await Promise.all([this.#keyOf(call), lookUpMedia(output, this.#contentOf, call.base)])
      if (key === undefined || !named) return
      const media = Object.fromEntries(named.media.map(({ url, content }) => [url, content]))
      await writeJson(this.#entryOf(runId, key), { at: Date.now(), ...outcome, media } satisfies Entry)
      await writeJson(this.#pathOf(key), { runId })
    } catch {
      // A full disk is told by the journal itself.
    }
  }

  /** The same for the same input with the same files, of one tenant and project, by one contract. Nothing where the content of a file is not known. */
  #keyOf(call: TaskCall): Promise<string | undefined> {
    let key = this.#keys.get(call)
    if (!key) this.#keys.set(call, (key = this.#makeKey(call)))
    return key
  }

  async #makeKey({ contract, input, base }: TaskCall): Promise<string | undefined> {
    const known = await lookUpMedia(input, this.#contentOf, base)
    if (!known) return undefined
    const { tenantId, projectId } = base
    const media = known.media.map(({ at, content }) => ({ at, content }))
    return createHash('sha256').update(canonicalJson({ tenantId, projectId, contract: contractFingerprint(contract), input: known.rest, media })).digest('hex')
  }

  #pathOf(key: string): string {
    return join(this.#folder, key.slice(0, 2), `${key}.json`)
  }

  #entryOf(runId: string, key: string): string {
    return join(this.#folderOf(runId), 'cached', `${key}.json`)
  }
}

const readJson = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'))

/** Whole or not at all. Not safe from a loss of power: then it is no JSON, and not there. */
async function writeJson(path: string, value: object): Promise<void> {
  await makeFolder(dirname(path), { mode: 0o700 })
  const made = join(dirname(path), `.${randomUUID()}`)
  try {
    await writeFile(made, JSON.stringify(value), { mode: 0o600, flag: 'wx' })
    await rename(made, path)
  } catch (error) {
    await rm(made, { force: true })
    throw error
  }
}
