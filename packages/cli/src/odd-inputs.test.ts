import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { commandIn, configuredIn } from './terminal.ts'
import { inPipe } from './testing/in-pipe.ts'
import { ownFolder } from './testing/own-folder.ts'

// What a person may type, or have lying about, that is not as it should be: each gets a sentence or two, and nothing is left behind.

const folder = ownFolder('odd-inputs')
const base = fileURLToPath(new URL('testing/tracks.config.ts', import.meta.url))
const tracks = (...args: string[]) => inPipe(folder.path(), args)
const at = (name: string) => join(folder.path(), name)
/** Without the heads of runs, which lists make anew. */
const filesIn = async (path: string) => (await readdir(path, { recursive: true })).filter((name) => !name.endsWith('run.json')).toSorted()

beforeAll(async () => {
  expect(await tracks('run', 'Reading', 'text=a/b', '--run-id', 'reading')).toMatchObject({ exitCode: 0 })
  expect(await tracks('run', 'Twice', 'text=a', '--run-id', 'twice')).toMatchObject({ exitCode: 0 })
  await mkdir(at('folder'))
  const files = { 'empty.json': '', 'bom.json': '\uFEFF{"text":"a b"}', 'bad.json': '{"text":', 'list.json': '[]', 'null.json': 'null', there: 'mine' }
  for (const [name, text] of Object.entries(files)) await writeFile(at(name), text)
})

/** What is told, in a few lines without a trace, and what there was before is all that there is. */
async function refused(args: readonly string[]) {
  const before = await filesIn(folder.path())
  const { exitCode, out, err } = await tracks(...args)
  expect(err).not.toMatch(/\n\s+at .*\n\s+at /)
  expect(err.length).toBeLessThan(1_500)
  expect(err.endsWith('\n')).toBe(true)
  expect(await filesIn(folder.path())).toEqual(before)
  return { exitCode, out, err }
}

test.each([
  [['runs', '--tenant', 'acmee'], 'No runs.', 'tenant "acmee". Did you mean "acme"?'],
  [['runs', '--name', 'reading', '--json'], '[]', 'name "reading". Did you mean "Reading"?'],
  [['resume', '--name', 'Raeding'], 'No such run is to be gone on with.', 'name "Raeding". Did you mean "Reading"?'],
  [['cancel', '--project', 'P1'], 'No such run is running.', 'project "P1". Did you mean "p1"?'],
  [['delete', '--tenant', 'amce', '--yes'], '0 runs are deleted.', 'tenant "amce". Did you mean "acme"?'],
])('where %j finds nothing, it says which word no run has', async (args, out, advice) => {
  expect(await refused(args)).toEqual({ exitCode: 0, out: `${out}\n`, err: `No run of the journal has the ${advice}\n` })
})

const verbsOfRuns = [['show'], ['why'], ['resume'], ['resume', '--plan'], ['fork', '--from', 'count'], ['diff', 'twice'], ['cancel'], ['delete', '--yes'], ['export'], ['export', '--perfetto'], ['approve'], ['view', '--export', 'run.html']] as const
const oddIds = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('', '.', '..', '../x', 'a/b', '/etc/passwd', 'C:\\x', 'a\0b', 'a\nb', '-x', '--help', '%2e%2e', '__proto__', 'constructor', '🎬', 'x'.repeat(10_000), 'twice/../reading', ' twice'))

test('no run, however it is called, gives a trace, another code than 2 or 4, or touches anything', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...verbsOfRuns), oddIds, async ([verb, ...rest], id) => {
      fc.pre(!['reading', 'twice', 'last'].some((known) => known.startsWith(id) && id !== ''))
      const options = rest.filter((word) => word !== 'twice')
      const { exitCode, out } = await refused([verb, ...options, '--config', base, '--', ...rest.filter((word) => word === 'twice'), id])
      expect([exitCode, out]).toEqual([id === '' ? 2 : 4, ''])
    }),
    { numRuns: 150 },
  )
})

test('no id that a person gives to a new run leads anywhere else than into the journal', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(oddIds, fc.stringMatching(/^[\w.-]{1,12}$/)), async (id) => {
      const before = await filesIn(folder.path())
      const { exitCode, err } = await tracks('run', 'Words', 'text=a', `--run-id=${id}`)
      const added = (await filesIn(folder.path())).filter((name) => !before.includes(name))
      if (exitCode === 0) expect(added.every((name) => name === '.tracks/runs' || name === `.tracks/runs/${id}` || name.startsWith(`.tracks/runs/${id}/`))).toBe(true)
      else expect([added, exitCode === 2 ? err : '']).toEqual([[], exitCode === 2 ? expect.stringContaining('--run-id') as string : ''])
    }),
    { numRuns: 60 },
  )
})

test.each<[args: string[], message: string]>([
  [['run', 'Words', '--input', 'folder'], 'The input folder cannot be read: EISDIR'],
  [['run', 'Words', '--input', 'empty.json'], 'The input empty.json is no JSON'],
  [['run', 'Words', '--input', 'bad.json'], 'The input bad.json is no JSON'],
  [['run', 'Words', '--input', 'list.json'], 'is to be a JSON object, not a list.'],
  [['run', 'Words', '--input', 'null.json'], 'is to be a JSON object, not null.'],
  [['run', 'Words', '--input', ''], 'Say which file'],
  [['run', 'Words', `${'a.'.repeat(20_000)}b=1`], 'There is no input "a"'],
  [['run', 'Words', 'text=a', '--key', ''], '--key is what the run is for'],
  [['run', 'Words', 'text=a', '--key', 'k', '--key-ttl', '0s'], '--key-ttl is a time span from 1s up'],
  [['run', 'Words', 'text=a', '--key', 'k', '--key-ttl', `${'9'.repeat(400)}d`], '--key-ttl is a time span from 1s up'],
  [['run', 'Words', 'text=a', '--max-cost', 'USD=1', '--max-cost', 'USD=2'], '--max-cost says twice how much USD'],
  [['run', 'Words', 'text=a', '--run-id', 'last'], '--run-id last would be'],
  [['run', 'x'.repeat(10_000)], '… (10003 characters)'],
  [['fork', 'reading', '--from', ''], '--from is an id or path of a step'],
  [['fork', 'reading', '--from', 'speak[9]'], 'speak had 2 items, [0] to [1]: there is no speak[9].'],
  [['fork', 'reading', '--from', 'join'], '"join" is several steps: Reading/Speech/join, Reading/final:join.'],
  [['fork', 'reading', '--set', 'txet=b'], 'There is no input "txet". Did you mean "text"?'],
  [['fork', 'reading', '--from', 'speak', '--run-id', '../x'], '--run-id names a folder'],
  [['resume', 'reading', '--force', ''], '--force is an id or path of a step'],
  [['resume', 'reading', '--force', 'speak[9]'], 'speak had 2 items'],
  [['resume', 'reading', '--map', '{"split=":"speak"}'], '"split=" is no finished place that is gone'],
  [['resume', 'reading', '--map', '{x}=speak'], '"{x}" is no finished place that is gone'],
  [['resume', 'reading', '--map', 'join'], '"join" says nothing: write it as old=new'],
  [['why', 'reading', ''], 'The step is an id or path of a step'],
  [['runs', '--json', '--markdown'], 'Say --json or --markdown: one of the two.'],
  [['runs', '--limit', 'NaN'], '--limit is a whole number from 1'],
  [['runs', '--since', '-1d'], '--since is a time span'],
  [['delete', '--tenant', '', '--yes'], 'Say whose runs'],
  [['export', 'reading', '--out', 'folder', '--force'], 'folder is a folder: name another.'],
  [['export', 'reading', '--out', '/dev/null', '--force'], '/dev/null is no ordinary file: name another.'],
  [['export', 'reading', '--out', 'there/x'], 'there/x cannot be written (ENOTDIR).'],
  [['export', 'reading', '--out', 'x'.repeat(300)], 'cannot be written (ENAMETOOLONG).'],
])('called wrongly (%#), it says so in a sentence, and does nothing', async (args, message) => {
  expect(await refused(args)).toEqual({ exitCode: 2, out: '', err: expect.stringContaining(message) as string })
})

test('a file that was written on Windows, with a mark at its beginning, is an input like any other', async () => {
  expect(await tracks('run', 'Words', '--input', 'bom.json', '--run-id', 'bom')).toMatchObject({ exitCode: 0, out: expect.stringContaining('"words": 2') as string })
})

test.each<[string, string, string | RegExp]>([
  ['throws.mjs', 'throw new Error("DATABASE_URL is missing")', /throws\.mjs cannot be loaded: DATABASE_URL is missing\n {2}at .*throws\.mjs:1:7\n$/],
  ['throws-nothing.mjs', 'throw undefined', 'cannot be loaded: undefined'],
  ['rejects.mjs', 'export default Promise.reject(new Error("no network"))', 'cannot be loaded: no network'],
  ['nothing.mjs', '', 'has no default export'],
  ['null.mjs', 'export default null', 'cannot be loaded: defineConfig must be an object of options, not null.'],
  ['half.mjs', 'export default {', /half\.mjs cannot be loaded: (?!.*redacted)/],
  ['imports.mjs', 'import "not-there-at-all"; export default {}', /imports\.mjs cannot be loaded: .*not-there-at-all.*(?:\n {2}at .*imports\.mjs:1:1)?\n$/],
  ['folder', '', 'folder is a folder: name the file in it.'],
  ['handlers.mjs', `import base from ${JSON.stringify(base)}; export default { ...base, handlers: () => { throw new Error("DATABASE_URL is missing") } }`, /handlers\.mjs: its handlers cannot be opened: DATABASE_URL is missing\n {2}at .*handlers\.mjs:1:\d+\n$/],
  ['no-handlers.mjs', `import base from ${JSON.stringify(base)}; export default { ...base, handlers: () => undefined }`, 'its function handlers gives nothing. Have it return them.'],
  ['logs.mjs', `import base from ${JSON.stringify(base)}; export default { ...base, logs: async () => { throw "oh" } }`, 'its logs cannot be opened: oh'],
])('the configuration %s is told in a line or two, with where in it that was', async (name, text, message) => {
  if (name !== 'folder') await writeFile(at(name), text)
  const { exitCode, err } = await refused(['run', 'Words', 'text=a', '--config', name])
  expect([exitCode, err]).toEqual([3, typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message)])
})

test('a configuration may be a promise of one', async () => {
  await writeFile(at('promise.mjs'), 'export default Promise.resolve({ registry: {}, handlers: {} })')
  expect(await tracks('list', '--config', 'promise.mjs')).toMatchObject({ exitCode: 0, err: '' })
})

test.each([
  ['stuck.mjs', 'process.emit("stuck"); await new Promise(() => {}); export default {}'],
  ['stuck-handlers.mjs', `import base from ${JSON.stringify(base)}; export default { ...base, handlers: () => new Promise(() => process.emit("stuck")) }`],
])('Ctrl-C ends a command whose configuration takes its time (%s), and nothing is begun', async (name, text) => {
  await writeFile(at(name), text)
  const before = await filesIn(folder.path())
  const stop = new AbortController()
  process.once('stuck', () => stop.abort())
  expect(await inPipe(folder.path(), ['run', 'Words', 'text=a', '--config', name], { signal: stop.signal })).toEqual(expect.objectContaining({ exitCode: 130, out: '', err: '' }))
  expect(await filesIn(folder.path())).toEqual(before)
})

/** A configuration whose journal is a copy of ours, of which something was made. */
async function withJournal(name: string, change: (journal: string) => Promise<unknown>): Promise<string> {
  await cp(at('.tracks'), at(name), { recursive: true })
  await change(at(name))
  await writeFile(at(`${name}.mjs`), `import base from ${JSON.stringify(base)}; export default { ...base, journal: ${JSON.stringify(name)} }`)
  return `${name}.mjs`
}

test('a journal that is there and cannot be read is not told as an empty one', async () => {
  const config = await withJournal('a-file', async (journal) => {
    await rm(journal, { recursive: true })
    await writeFile(journal, 'mine')
  })
  for (const args of [['runs'], ['show', 'last'], ['resume', 'reading'], ['run', 'Words', 'text=a']]) expect(await refused([...args, '--config', config])).toMatchObject({ exitCode: 4, err: expect.stringMatching(/a-file.* cannot be (?:read|written) \((?:ENOTDIR|EEXIST)\)/) as string })
  expect((await tracks('check', '--config', config)).out.replaceAll(/\s+/g, ' ')).toMatch(/journal failed \S*a-file cannot be written \((?:ENOTDIR|EEXIST)\): see what it is/)
  expect(await readFile(at('a-file'), 'utf8')).toBe('mine')
})

test('what lies among the runs and is none takes nothing from those that are', async () => {
  const config = await withJournal('littered', async (journal) => {
    await mkdir(join(journal, 'runs/.deleted-0'))
    await mkdir(join(journal, 'runs/a b'))
    await mkdir(join(journal, 'runs/empty'))
    await writeFile(join(journal, 'runs/.DS_Store'), '')
    await writeFile(join(journal, 'runs/stray'), '')
    await symlink('/nowhere', join(journal, 'runs/dangling'))
  })
  const { out, exitCode } = await tracks('runs', '--config', config)
  expect([exitCode, out.match(/^(?:reading|twice) /gm)]).toEqual([0, ['twice ', 'reading ']])
  expect((await tracks('show', 'rea', '--config', config)).exitCode).toBe(0)
  expect(await tracks('show', 'empty', '--config', config)).toMatchObject({ exitCode: 4, err: expect.stringContaining('There is no run "empty"') as string })
})

test('a damaged journal is told by every verb that needs it, and left as it is until it is deleted', async () => {
  const path = (journal: string) => join(journal, 'runs/reading/journal.jsonl')
  const config = await withJournal('damaged', async (journal) => writeFile(path(journal), (await readFile(path(journal), 'utf8')).replace('"call.started"', '"call.started!"')))
  const before = await readFile(path(at('damaged')))
  for (const [verb, ...rest] of verbsOfRuns.filter(([name]) => name !== 'view' && name !== 'delete')) {
    const { exitCode, err } = await refused([verb, ...rest, 'reading', '--config', config])
    expect([verb, exitCode, err]).toEqual([verb, 4, expect.stringMatching(/^Line \d+ of .* does not fit its checksum|is not running/)])
  }
  expect(await readFile(path(at('damaged')))).toEqual(before)
  expect(await tracks('delete', 'reading', '--yes', '--config', config)).toMatchObject({ exitCode: 0 })
})

test.each(['flush', 'close'])('a run is told to have ended, by %s, before a command goes that sends its events elsewhere', async (name) => {
  const log = `{ sent: [], waiting: [], write(event) { this.waiting.push(event.type) }, flush: async () => {}, async ${name}(ms, loss = 'machine') { if (loss === 'process' || !(ms > 0)) return; this.sent.push(...this.waiting.splice(0)); (await import('node:fs')).writeFileSync('${at('sent')}', this.sent.join()) } }`
  await writeFile(at('sends.mjs'), `import base from ${JSON.stringify(base)}; export default { ...base, logs: () => [${log}] }`)
  expect(await tracks('run', 'Words', 'text=a', '--config', 'sends.mjs')).toMatchObject({ exitCode: 0 })
  expect(await readFile(at('sent'), 'utf8')).toMatch(/run\.succeeded$/)
})

test.each([
  ['tracks --config "my flows.mjs"', 'my flows.mjs'],
  ["tracks --config 'my flows.mjs' --json", 'my flows.mjs'],
  ['node main.js --config=flows.mjs', 'flows.mjs'],
  ['tracks', undefined],
])('of the npm script %j, the configuration that it names is not named once more: %j', async (script, config) => {
  expect(configuredIn({ npm_command: 'run-script', npm_lifecycle_script: script })).toBe(config)
  expect(configuredIn({ npm_command: 'exec', npm_lifecycle_script: script })).toBeUndefined()
})

test.each([
  [{ npm_command: 'run-script', npm_lifecycle_event: 'tracks' }, 'npm run tracks --'],
  [{ npm_command: 'exec', npm_lifecycle_event: 'npx', npm_lifecycle_script: "'tracks'" }, 'npx tracks'],
  [{ npm_command: 'run-script', npm_lifecycle_event: 'test' }, 'tracks'],
  [{}, 'tracks'],
])('called with %j, it tells people to type %j', async (env, command) => {
  expect(commandIn(env)).toBe(command)
})
