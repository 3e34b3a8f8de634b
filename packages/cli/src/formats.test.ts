import { beforeAll, expect, test } from 'vitest'
import { inPipe } from './testing/in-pipe.ts'
import { ownFolder } from './testing/own-folder.ts'

// What programs, pages and people who look for help are given, by every verb alike.

const folder = ownFolder('formats')
const tracks = (...args: string[]) => inPipe(folder.path(), args)

beforeAll(async () => {
  for (const id of ['c', 'd']) expect(await tracks('run', 'Reading', 'text=a/b', '--run-id', id)).toMatchObject({ exitCode: 0 })
  const stop = new AbortController()
  const going = inPipe(folder.path(), ['run', 'Reviewed', 'text=x', '--run-id', 'e'], { signal: stop.signal, onOut: (text) => text.includes('waits for an answer') && stop.abort() })
  expect(await going).toMatchObject({ exitCode: 130 })
})

const asked: readonly string[][] = [['list', '--tasks'], ['graph', 'Reading'], ['runs'], ['runs', '--name', 'Nothing'], ['show', 'c', '--logs'], ['show', 'e'], ['why', 'c'], ['diff', 'c', 'd'], ['resume', 'e', '--plan'], ['resume', '--status', 'cancelled', '--plan'], ['resume', '--status', 'damaged', '--plan'], ['fork', 'c', '--from', 'speak', '--plan'], ['approve', 'e'], ['cancel', '--name', 'Nothing'], ['delete', 'c', '--plan'], ['check'], ['export', 'c', '--force']]

test.each(asked)('tracks %s %s gives one JSON value', async (...args) => {
  const { out, exitCode, json } = await tracks(...args, '--json')
  expect([exitCode, typeof json()]).toEqual([0, 'object'])
  expect(out.endsWith('\n')).toBe(true)
})

test.each(asked)('tracks %s %s gives tables of Markdown whose rows all have as many cells', async (...args) => {
  const { out } = await tracks(...args, '--markdown')
  const rows = out.split('\n').filter((line) => line.startsWith('| '))
  expect(new Set(rows.map((row) => row.replaceAll(/\\./g, '').split('|').length)).size).toBeLessThanOrEqual(1)
  expect(out).not.toContain('\u001B')
})

test('every option of every verb says what it is', async () => {
  const verbs = [...(await tracks('--help')).out.matchAll(/^ {2}([a-z]+)(?: |$)/gm)].map(([, verb]) => verb!).filter((verb) => !['tracks', 'help'].includes(verb))
  for (const verb of verbs) expect([verb, (await tracks(verb, '--help')).out.match(/^ {2}--[\w-]+(?: [<[][^>\]]+[>\]])?$(?!\n {6})/gm)]).toEqual([verb, null])
})

test('who calls it wrongly is told where to look', async () => {
  expect((await tracks('show')).err).toBe("error: missing required argument 'run'\ntracks show --help tells how it is called.\n")
  expect((await tracks('shwo')).err).toBe("error: unknown command 'shwo'\n(Did you mean show?)\ntracks --help tells what there is.\n")
})

test.each([
  [{ FORCE_COLOR: '1' }, true],
  [{ FORCE_COLOR: '0' }, false],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  [{}, false],
])('with %j a pipe has colours: %s', async (env, isColoured) => {
  expect((await inPipe(folder.path(), ['runs'], { env })).out.includes('\u001B[32m')).toBe(isColoured)
})
