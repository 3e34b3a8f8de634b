import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeWorkspaceFolder, type Storage } from '@track-orchestrator/media-tasks'
import type { PayloadStore } from '@track-orchestrator/trigger-engine'

export interface PayloadStoreOptions {
  readonly storage: Storage
  /** Where a value lies for a moment on its way, in a folder that no other user can read or take the place of. */
  readonly temporaryFolder: string
}

/** Keeps what is too big to travel between runs beside the media, in the same storage. */
export function createPayloadStore({ storage, temporaryFolder }: PayloadStoreOptions): PayloadStore {
  const inFile = async <Result>(work: (path: string) => Promise<Result>): Promise<Result> => {
    const folder = await makeWorkspaceFolder(temporaryFolder)
    try {
      return await work(join(folder, 'payload.json'))
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    }
  }
  return {
    put: (key, json) =>
      inFile(async (path) => {
        await writeFile(path, json)
        await storage.put(key, path, { contentType: 'application/json' })
      }),
    get: (key) =>
      inFile(async (path) => {
        const object = await storage.head(key)
        if (!object) throw new Error(`There is nothing under ${key} in the storage: was it cleared, or is it another run's?`)
        await storage.fetchToFile(object.url, path)
        return readFile(path, 'utf8')
      }),
  }
}
