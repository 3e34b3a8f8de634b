import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { inPipe } from './testing/in-pipe.ts'
import { ownFolder } from './testing/own-folder.ts'

const folder = ownFolder('variables')
const tracks = (...args: string[]) => inPipe(folder.path(), args)

test('a .env beside the configuration is read before it, and what a check throws is told without where it was thrown', async () => {
  await mkdir(join(folder.path(), 'with-env'))
  await writeFile(join(folder.path(), 'with-env/.env'), 'TRACKS_FROM_FILE=from the file\nTRACKS_FROM_SHELL=from the file\nTRACKS_EMPTY=\n')
  await writeFile(join(folder.path(), 'with-env/tracks.config.mjs'), `const { TRACKS_FROM_FILE, TRACKS_FROM_SHELL, TRACKS_EMPTY = 'unset' } = process.env
export default { registry: {}, handlers: {}, checks: { said: () => [TRACKS_FROM_FILE, TRACKS_FROM_SHELL, TRACKS_EMPTY].join(', '), broken: () => { throw new Error('nobody answers. Look at the network.') } } }`)
  vi.stubEnv('TRACKS_FROM_SHELL', 'from the shell')
  vi.stubEnv('TRACKS_FROM_FILE', undefined)
  expect((await tracks('check', '--json', '--config', 'with-env/tracks.config.mjs')).json()).toEqual(expect.arrayContaining([
    { what: 'said', ok: true, said: 'from the file, from the shell, unset' },
    { what: 'broken', ok: false, said: 'nobody answers. Look at the network.' },
  ]))
  delete process.env['TRACKS_FROM_FILE']
})
