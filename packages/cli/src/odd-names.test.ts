import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { inPipe } from './testing/in-pipe.ts'
import { oddNames } from './testing/odd-names/odd-names.ts'
import { ownFolder } from './testing/own-folder.ts'

// The command with names that mean something to objects, options, shells, pages and paths.

const folder = ownFolder('odd-names')
const config = fileURLToPath(new URL('testing/odd-names/tracks.config.ts', import.meta.url))
const tracks = (verb: string, ...args: string[]) => inPipe(folder.path(), [verb, '--config', config, ...args])

test('an orchestrator of tracks with odd names runs, and is shown, planned and drawn in every form', async () => {
  const run = await tracks('run', 'Odd', '--run-id', 'odd')
  expect(run).toMatchObject({ exitCode: 0, err: '' })
  const { out } = await tracks('show', 'odd')
  for (const name of oddNames.filter((one) => one.length < 20)) expect(out).toContain(`${name}/${name}`)
  expect((await tracks('why', 'odd')).out).toContain(`${oddNames.length} of ${oddNames.length} are reused`)
  const text = { mermaid: /"constructor"/, dot: /label="constructor"[^]*b1 -> b2;/, svg: /<text[^>]*>&lt;script&gt;/ }
  for (const [format, shows] of Object.entries(text)) expect(await tracks('graph', 'Odd', '--format', format)).toMatchObject({ exitCode: 0, err: '', out: expect.stringMatching(shows) as string })
  expect(existsSync(join(folder.path(), 'pwned'))).toBe(false)
})

test.each(oddNames)('a track called %j is run by its name', async (name) => {
  expect(await inPipe(folder.path(), ['run', '--config', config, '--', name, 'text=hello'])).toMatchObject({ exitCode: 0, err: '', out: expect.stringContaining('"text": "hello"') as string })
})

test('a handler that every object seems to have is missed where nobody gave one', async () => {
  vi.stubEnv('TRACKS_NO_HANDLER', '1')
  const said = async () => ((await tracks('check', '--json')).json() as { what: string; said: string }[]).find(({ what }) => what === 'handlers')?.said
  expect(await said()).toContain('There is no handler for constructor')
  vi.stubEnv('TRACKS_NO_HANDLER', undefined)
  expect(await said()).toBe('for all 2 tasks that are used')
})

test.each([
  ['constructor.name=x', 'There is no input "constructor"'],
  ['constructor.prototype.polluted=1', 'There is no input "constructor"'],
  ['__proto__.polluted=1', '__proto__ is no key'],
  ['["__proto__"].polluted=1', '__proto__ is no key'],
  ['list[4000000000]=x', 'list[4000000000] leads nowhere: list is a list of 0.'],
  ['list.name=x', 'list.name leads nowhere: list is a list of 0.'],
])('%s is no input, changes nothing, and takes no time', async (pair, message) => {
  const { exitCode, err } = await inPipe(folder.path(), ['run', '--config', config, 'constructor', 'text=a', 'list=[]', pair])
  expect([exitCode, err]).toEqual([2, expect.stringContaining(message)])
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

test('nothing that is written to a terminal is obeyed by it: names of files, outputs, options, what is asked for', async () => {
  const obeyed = '\u001B[2J\u009B2J\u202E\u200B'
  const run = await tracks('run', 'a b', `text=${obeyed}`, '--run-id', 'obeyed')
  expect(JSON.parse(run.out.slice(run.out.indexOf('{')))).toEqual({ text: obeyed }) // as JSON it is what it was
  const told = [run, await tracks('show', 'obeyed'), await tracks('export', 'obeyed', '--out', `${obeyed}.tar`), await tracks('export', 'obeyed', '--out', `${obeyed}.tar`), await tracks('show', obeyed), await tracks('run', obeyed), await tracks('run', 'a b', `--${obeyed}`), await inPipe(folder.path(), [obeyed]), await tracks('show', 'obeyed', '--json'), await inPipe(folder.path(), ['list', '--config', obeyed])]
  for (const { out, err } of told) expect(`${out}${err}`.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(told.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 2, 4, 2, 2, 2, 0, 3])
})

test('an empty name is no run, also where there is only one', async () => {
  expect(await tracks('delete', '')).toMatchObject({ exitCode: 2, err: 'Say which run: its id, the beginning of it, or last.\n' })
})

test('a secret that a fork was given is blotted out wherever the fork is shown, and in its archive', async () => {
  expect(await tracks('run', 'a b', 'text=hello', '--run-id', 'plain')).toMatchObject({ exitCode: 0 })
  expect(await tracks('fork', 'plain', '--from', 'a b', '--set', 'password=topsecret99', '--run-id', 'forked')).toMatchObject({ exitCode: 0 })
  expect(await tracks('export', 'forked')).toMatchObject({ exitCode: 0 })
  const archive = gunzipSync(await readFile(join(folder.path(), 'forked.tar.gz'))).toString()
  const told = [archive, ...(await Promise.all([['show', 'forked'], ['show', 'forked', '--json'], ['diff', 'plain', 'forked', '--json'], ['why', 'forked', '--json']].map(async ([verb, ...args]) => (await tracks(verb!, ...args)).out)))]
  expect(told.filter((text) => text.includes('topsecret99'))).toEqual([])
  expect(told[1]).toContain('with password = "[redacted]"')
})
