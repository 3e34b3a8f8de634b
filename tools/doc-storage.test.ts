import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { storageSuite } from '@track-orchestrator/media-tasks/testing'
import type { Storage } from '@track-orchestrator/media-tasks'
import { afterAll } from 'vitest'
import { readmePrograms } from './readme-programs.ts'
import { root } from './workspace.ts'

// The storage that the documentation writes is one that keeps every promise.

const folder = new URL('out/doc-storage/', root)
mkdirSync(folder, { recursive: true })
const program = new URL('program.ts', folder)
writeFileSync(program, readmePrograms('docs/how-to/write-a-storage.md')[0]!.source)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

storageSuite('The storage of docs/how-to/write-a-storage.md', async () => {
  const { createMemoryStorage } = (await import(/* @vite-ignore */ program.href)) as { createMemoryStorage: () => Storage }
  return { storage: createMemoryStorage() }
})
