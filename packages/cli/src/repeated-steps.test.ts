import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
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

test('why a step that is a track would run is told by its steps, of one time or all; what its input does not have is not set', async () => {
  const paths = async (said: string) => ((await tracks('why', 'loud', said, '--json')).json() as { steps: { path: string }[] }).steps.map(({ path }) => path.replace('Loud/again', ''))
  for (const all of ['again', 'again/speak', 'speak', 'Loud/again']) expect(await paths(all)).toEqual(['[0]/speak', '[1]/speak', '[2]/speak'])
  expect(await paths('again[1]')).toEqual(['[1]/speak'])
  expect(await tracks('why', 'loud', 'again[3]')).toMatchObject({ exitCode: 2, out: '', err: 'Of again[3] nothing is known: the run has not come to it.\n' })
  for (const set of [['again[1]', 'txt=b'], ['again', '[0].txt=b']]) expect(await tracks('fork', 'loud', '--from', set[0]!, '--set', set[1]!)).toMatchObject({ exitCode: 2, err: expect.stringContaining('There is no input "txt". Did you mean "text"?') as string })
})

test('a picture says which steps repeat', async () => {
  expect((await tracks('graph', 'Loud', '--format', 'dot')).out).toContain('label="again [again]"')
  expect((await tracks('graph', 'Loud')).out).toContain('again until done<br/>at most 9 times')
})

test('each time of a step that asks is answered by itself, with what it asks for, and not with what another track asks for by the same name', async () => {
  const config = fileURLToPath(new URL('testing/same-questions/tracks.config.ts', import.meta.url))
  const asked = (verb: string, ...args: string[]) => tracks(verb, '--config', config, ...args)
  const warned = vi.spyOn(process, 'emitWarning')
  const going = asked('run', 'Again', 'text=a b c', '--run-id', 'again')
  const asks = (path: string) => expect.poll(async () => (await asked('approve', 'again', '--json')).json()).toMatchObject([{ path, wants: { type: 'boolean' } }])
  await asks('Again/refine[0]/review')
  expect((await asked('approve', 'again')).out).toContain('refine[0]/review asks for yes or no')
  expect((await asked('approve', 'again', 'refine[0]/review', 'yes')).out).toContain('refine[0]/review is answered')
  await asks('Again/refine[1]/review')
  expect(await asked('approve', 'again', 'refine[1]/review', 'perhaps')).toMatchObject({ exitCode: 2, err: expect.stringContaining('say true or false') as string })
  expect((await asked('approve', 'again', 'refine[1]/review', 'no')).exitCode).toBe(0)
  expect((await going).exitCode).toBe(1)
  expect(warned.mock.calls.filter(([warning]) => String(warning).includes('schedule'))).toEqual([])
})
