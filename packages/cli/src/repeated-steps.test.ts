import { expect, test } from 'vitest'
import { inPipe } from './testing/in-pipe.ts'
import { ownFolder } from './testing/own-folder.ts'

const folder = ownFolder('repeated')
const tracks = (...args: string[]) => inPipe(folder.path(), args)

test('each time of a step that repeats has a line of its own, and a run is forked from one of them', async () => {
  const { exitCode, out } = await tracks('run', 'Loud', 'text=a', '--run-id', 'loud')
  expect([exitCode, out]).toMatchObject([0, expect.stringContaining('"sound": "a!!!"')])
  const shown = (await tracks('show', 'loud')).out
  expect([...shown.matchAll(/^again\[\d\]\/speak +succeeded/gm)].map(([line]) => line.slice(0, 8))).toEqual(['again[0]', 'again[1]', 'again[2]'])
  expect((await tracks('fork', 'loud', '--from', 'again[1]', '--set', 'text=b', '--run-id', 'other')).out).toContain('"sound": "b!!!"')
  expect((await tracks('diff', 'loud', 'other', '--json')).json()).toMatchObject({ steps: [{ path: 'Loud/again[1]/speak' }, { path: 'Loud/again[2]/speak' }, { path: 'Loud/again[3]/speak', only: 'after' }] })
  expect(((await tracks('resume', 'other', '--plan', '--json')).json() as { steps: { path: string; action: string }[] }).steps.map(({ path, action }) => `${path} ${action}`)).toEqual([0, 1, 2, 3].map((time) => `Loud/again[${time}]/speak reuse`))
})

test('a picture says which steps repeat', async () => {
  expect((await tracks('graph', 'Loud', '--format', 'dot')).out).toContain('label="again [again]"')
  expect((await tracks('graph', 'Loud')).out).toContain('again until done<br/>at most 9 times')
})
