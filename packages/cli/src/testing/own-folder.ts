import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, vi } from 'vitest'

/** A folder for the tests of a file, in which its runs are kept too; removed behind them. `path` is there from the first test on. */
export function ownFolder(name: string): { readonly path: () => string } {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), `tracks-${name}-`))
    vi.stubEnv('TRACKS_FOLDER', join(folder, '.tracks'))
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true, force: true })
  })
  return { path: () => folder }
}
