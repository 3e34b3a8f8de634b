import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { packageFolders, readManifest, root } from './workspace.ts'

const folders = ['.', ...packageFolders]
const nxJson = JSON.parse(readFileSync(new URL('nx.json', root), 'utf8')) as { targetDefaults: Record<string, { cache?: boolean }> }

test('what nx remembers lies inside this checkout: another clone takes nothing from it', () => {
  const { sharedDataDirectory } = createRequire(import.meta.url)('nx/src/utils/cache-directory') as { sharedDataDirectory: (root: string, kind: string) => string }
  const here = fileURLToPath(root)
  for (const kind of ['cache', 'workspace-data']) expect(relative(here, sharedDataDirectory(here, kind))).toMatch(/^\.nx\b/)
})

test.each(['test', 'e2e', 'bench'])('%s runs every time: nothing else knows on what machine it passed', (target) => {
  expect(nxJson.targetDefaults[target]).toEqual({ cache: false })
})

test.each(folders)('%s: every vitest run has a set-up from which its tests are counted', (folder) => {
  for (const script of Object.values(readManifest(folder).scripts ?? {}).filter((command) => command.includes('vitest'))) {
    const config = /--config (\S+)/.exec(script)?.[1] ?? `${/--root (\S+)/.exec(script)?.[1] ?? '.'}/vitest.config.ts`
    const place = new URL(`${folder}/${config}`, root)
    expect(existsSync(place), `${folder}/${config}`).toBe(true)
    // From the shared set-up, or from one beside it that is.
    expect(readFileSync(place, 'utf8')).toMatch(/from '(?:(?:\.\.\/)+vitest\.shared|\.\/vitest\.e2e\.config)\.ts'/)
  }
})

test.each(folders)('%s: no cached target hides a test run', (folder) => {
  const cached = Object.entries(readManifest(folder).scripts ?? {}).filter(([target]) => nxJson.targetDefaults[target]?.cache === true)
  expect(cached.filter(([, command]) => /vitest|\btest\b/.test(command))).toEqual([])
})
