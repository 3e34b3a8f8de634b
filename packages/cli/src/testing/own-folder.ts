import { existsSync, writeFileSync } from 'node:fs'
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

/** The configuration of the tests stands in the folder, as a person's does, so that the command finds it there. */
export function placeConfig(folder: string): void {
  const file = join(folder, 'tracks.config.mjs')
  if (existsSync(folder) && !existsSync(file)) writeFileSync(file, `export { default } from ${JSON.stringify(new URL('tracks.config.ts', import.meta.url).href)}\n`)
}
