import { mkdtemp, open, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bringFile } from './bring-file.ts'

let folder: string
const at = (name: string) => join(folder, name)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bring-file-'))
  await writeFile(at('named'), 'what was opened')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const swaps: [string, () => Promise<void>][] = [
  ['nothing has changed', async () => {}],
  ['another file lies there', async () => (await writeFile(at('other'), 'private'), rename(at('other'), at('named')))],
  ['a link to another file lies there', async () => (await writeFile(at('other'), 'private'), await rm(at('named')), symlink(at('other'), at('named')))],
  ['nothing lies there', () => rm(at('named'))],
]

test.each(swaps.flatMap(([what, swap]) => [true, false].map((own) => [what, own, swap] as const)))('where, once a file is open, %s at its path (own: %s), what was opened is what is brought', async (_what, own, swap) => {
  const handle = await open(at('named'))
  await swap()
  await bringFile({ handle, path: at('named'), sizeBytes: 15, own }, at('brought'), undefined)
  await handle.close()
  expect(await readFile(at('brought'), 'utf8')).toBe('what was opened')
  expect((await readdir(folder)).filter((name) => name !== 'named' && name !== 'other')).toEqual(['brought'])
})
