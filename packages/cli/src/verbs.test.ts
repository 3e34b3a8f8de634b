import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { inPipe } from './testing/in-pipe.ts'

// The command in a pipe, on a journal of its own.

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracks-command-'))
  vi.stubEnv('TRACKS_FOLDER', join(folder, '.tracks'))
})
afterEach(() => {
  vi.stubEnv('TRACKS_BROKEN', undefined)
  vi.stubEnv('TRACKS_NO_DATABASE', undefined)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})
const tracks = (...args: string[]) => inPipe(folder, args)
const begun = new Set<string>()
/** A run that failed at its second line, once for all tests. */
const brokenRun = async () => {
  if (begun.has('broken')) return
  begun.add('broken')
  vi.stubEnv('TRACKS_BROKEN', 'b')
  expect(await tracks('run', 'Reading', 'text=a/b/c', '--run-id', 'broken')).toMatchObject({ exitCode: 1, out: expect.stringContaining('Go on with it:  tracks resume broken') as string })
  vi.stubEnv('TRACKS_BROKEN', undefined)
}

describe('tracks list and graph', () => {
  test('shows what there is, with its input, as a table, as Markdown and as JSON', async () => {
    expect((await tracks('list')).out).toMatch(/^Name +Kind +Input\nReading +orchestrator +\{ text: string, pauseMs\?: integer \}$/m)
    expect((await tracks('list', '--tasks', '--markdown')).out).toContain('| speak | task | { text: string, voice?: "low" \\| "high" } |')
    expect((await tracks('list', '--json')).json()).toMatchObject([{ kind: 'orchestrator', name: 'Reading', input: { properties: { text: { type: 'string' } } } }, { name: 'Careless' }, { name: 'Speech' }, { name: 'Words' }, { name: 'Reviewed' }, { name: 'Twice' }, { name: 'Loud' }])
  })

  test('tells when what there is begins by itself, and how much a run and a tenant may spend, where that is said', async () => {
    await writeFile(join(folder, 'scheduled.mjs'), `import base from ${JSON.stringify(new URL('testing/tracks.config.ts', import.meta.url).href)}
export default { ...base, tracks: [{ ...base.tracks[1], schedule: { cron: '0 3 * * *', timezone: 'Europe/Vienna', payload: {} } }], limits: { cost: { USD: 2 }, tenantCost: { characters: 50_000 }, tenantWindowMs: 3_600_000 } }`)
    const { out } = await tracks('list', '--config', 'scheduled.mjs')
    expect(out).toMatch(/^Words +track +0 3 \* \* \* Europe\/Vienna +\{ text: string \}$/m)
    expect(out).toContain('A run may spend 2 USD.\n\nAll runs of a tenant may spend 50,000 characters within 60 min 0 s.\n')
    expect((await tracks('graph', 'Words', '--format', 'dot', '--config', 'scheduled.mjs')).out).toContain('label="Words, at 0 3 * * * Europe/Vienna"')
  })

  test('draws a track or an orchestrator', async () => {
    expect((await tracks('graph', 'Reading')).out).toContain('flowchart TD')
    expect((await tracks('graph', 'Reading', '--format', 'dot')).out).toMatch(/^digraph "Reading" \{[^]*label="speak \[each\]"[^]*b2 -> b3;[^]*\}\n$/)
    const svg = (await tracks('graph', 'Reading', '--format', 'svg')).out
    expect(svg).toMatch(/^<svg [^]*<\/svg>\n$/)
    expect(svg.match(/<rect/g)).toHaveLength(6)
    expect((await tracks('graph', 'Reviewed', '--format', 'dot')).out).toMatch(/label="count"[^]*label="review \(asks\)"[^]*label="again"[^]*label="go_on \(asks\)"/)
    expect(await tracks('graph', 'Reading', '--format', 'png')).toMatchObject({ exitCode: 2, err: '--format is one of mermaid, dot, svg (got "png").\n' })
  })
})

describe('tracks run', () => {
  test('runs an orchestrator, a track or a task, tells lines and the output', async () => {
    const { exitCode, out } = await tracks('run', 'Reading', 'text=a/b')
    expect(exitCode).toBe(0)
    expect(out).toMatch(/Speech > speak: started \(2 items\)[^]*Reading: succeeded in \d+ ms\nRun \S+ succeeded in [^]*"sound": "a\+b\+2 words"/)
    expect((await tracks('run', 'Words', 'text=one two')).out).toContain('"words": 2')
    expect((await tracks('run', 'speak', 'text=low', 'voice=high')).out).toContain('"sound": "LOW"')
  })

  test('under a key runs once, and tells the output again', async () => {
    const [first, again] = [await tracks('run', 'Words', 'text=one two', '--key', 'page 7', '--key-ttl', '1h', '--json'), await tracks('run', 'Words', 'text=three', '--key', 'page 7', '--json')]
    const ends = [first, again].map(({ out }) => JSON.parse(out.trim().split('\n').at(-1)!) as { runId: string; output: object })
    expect(ends[1]).toMatchObject({ runId: ends[0]!.runId, output: { words: 2 } })
    expect(await tracks('run', 'Words', 'text=one', '--key', 'a', '--key-ttl', 'soon')).toMatchObject({ exitCode: 2, err: expect.stringContaining('--key-ttl is a time span') as string })
    expect(await tracks('run', 'Words', 'text=one', '--key-ttl', '1h')).toMatchObject({ exitCode: 2, err: expect.stringContaining('say --key') as string })
  })

  test('takes a file, standard input, and what is laid over them; a text stays a text where the schema wants one', async () => {
    await writeFile(join(folder, 'input.json'), JSON.stringify({ text: 'a', pauseMs: 1 }))
    expect((await tracks('run', 'Speech', '--input', 'input.json', 'text=7')).out).toContain('"sound": "7"')
    const { out } = await inPipe(folder, ['run', 'join', '--input', '-', 'sounds[1]=y'], { stdin: '{"sounds":["x"]}' })
    expect(out).toContain('"sound": "x+y"')
  })

  test('with --json writes one event a line, and the result as the last', async () => {
    const lines = (await tracks('run', 'Words', 'text=a', '--json')).out.trim().split('\n').map((line) => JSON.parse(line) as { type: string })
    expect(lines.map(({ type }) => type)).toEqual(['run.started', 'track.started', 'step.started', 'step.succeeded', 'track.succeeded', 'run.succeeded', 'result'])
    expect(lines.at(-1)).toMatchObject({ status: 'succeeded', output: { words: 1 } })
  })

  test.each([
    [['run', 'Raeding'], 'There is no track, orchestrator or task "Raeding". Did you mean "Reading"?'],
    [['run', 'Reading', 'txt=a'], 'There is no input "txt". Did you mean "text"?\nIt takes { text: string, pauseMs?: integer }'],
    [['run', 'Reading', 'text=a', 'pauseMs=soon'], /^The input does not fit:\n {2}pauseMs: .*expected number.*\nReading takes \{ text: string/],
    [['run', 'Reading', 'text'], '"text" says nothing: write it as key=value'],
    [['run', 'Reading', '--input', 'none.json'], /^The input none\.json cannot be read/],
    [['run', 'join', 'sounds..x=1'], 'is no path'],
    [['rnu'], "unknown command 'rnu'"],
    [['run', 'Reading', '--inptu', 'x'], "unknown option '--inptu'"],
    [['run'], "missing required argument 'name'"],
  ])('%j is called wrongly: exit code 2, in a few lines, and no run is begun', async (args, message) => {
    const before = (await tracks('runs', '--json')).out
    const { exitCode, err, out } = await tracks(...args)
    expect(exitCode).toBe(2)
    expect(err).toMatch(message)
    expect(err).not.toMatch(/\n\s+at /)
    expect(out).toBe('')
    expect((await tracks('runs', '--json')).out).toBe(before)
  })
})

test('what a run did without is told beside its output', async () => {
  vi.stubEnv('TRACKS_BROKEN', 'b')
  expect(await tracks('run', 'Careless', 'text=a/b')).toMatchObject({ exitCode: 0, out: expect.stringMatching(/"words": 2[^]*\}\nSpeech failed: nobody can say b \[terminal\]\nDo it again:  tracks resume \S+\n$/) as string })
  vi.stubEnv('TRACKS_BROKEN', undefined)
  expect((await tracks('resume', 'last')).out).toMatch(/split: finished before[^]*"sound": "a\+b"/)
  vi.stubEnv('TRACKS_BROKEN', 'b')
  const { out } = await tracks('run', 'Careless', 'text=a/b', '--json')
  expect(JSON.parse(out.trim().split('\n').at(-1)!)).toMatchObject({ status: 'succeeded', lost: { Speech: { status: 'failed', error: { message: 'nobody can say b' } } } })
})

test('what a run has paid stands in the list and beside its steps', async () => {
  await tracks('run', 'count', 'text=dear me', '--run-id', 'dear')
  expect((await tracks('runs', '--name', 'count', '--json')).json()).toContainEqual(expect.objectContaining({ runId: 'dear', costs: { characters: 7 } }))
  expect((await tracks('runs')).out).toMatch(/^Run +Name +Status +Began +Took +Paid/m)
  const { out } = await tracks('show', 'dear')
  expect(out).toMatch(/^Paid: 7 characters$/m)
  expect(out).toMatch(/^count +succeeded +\d+ ms +1 +7 characters$/m)
})

test('a run may spend what --max-cost says, and goes on with more', async () => {
  expect(await tracks('run', 'Twice', 'text=dear me', '--run-id', 'dear-2', '--max-cost', 'characters=7')).toMatchObject({ exitCode: 1, out: expect.stringMatching(/has spent 7 characters of 7 characters/) as string })
  expect(await tracks('resume', 'dear-2', '--max-cost', 'characters=20')).toMatchObject({ exitCode: 0 })
  expect(await tracks('run', 'Twice', 'text=dear me', '--max-cost', 'much')).toMatchObject({ exitCode: 2, err: expect.stringContaining('--max-cost is a unit and an amount') as string })
})

describe('a run that failed', () => {
  test('is listed and shown, with what went wrong', async () => {
    await brokenRun()
    expect((await tracks('runs', '--status', 'failed', '--since', '1h')).out).toMatch(/^broken +Reading +failed +\d+ s ago/m)
    expect((await tracks('runs', '--json', '--name', 'Reading', '--status', 'failed')).json()).toMatchObject([{ runId: 'broken', error: { message: 'nobody can say b' } }])
    const { out } = await tracks('show', 'bro', '--logs')
    expect(out).toMatch(/^Speech\/speak\[1\] +failed +\d+ ms +1 +nobody can say b$/m)
    expect(out).toMatch(/Speech > speak: speaks a\n/)
    expect(out).toContain('tracks resume broken --plan')
    for (const line of out.split('\n')) expect(Array.from(line).length).toBeLessThanOrEqual(80)
  })

  test('is planned, and explained', async () => {
    await brokenRun()
    const { out } = await tracks('resume', 'broken', '--plan')
    expect(out).toMatch(/Speech\/speak\[0\] +reuse +it finished, with the same input\nSpeech\/speak\[1\] +run +it failed\n/)
    expect(out).toContain('4 of 7 are reused, 3 are run.')
    expect((await tracks('why', 'broken', 'join', '--json')).json()).toMatchObject({ steps: [{ path: 'Reading/Speech/join', action: 'run' }, { path: 'Reading/final:join' }] })
    expect(await tracks('why', 'broken', 'jion')).toMatchObject({ exitCode: 2, err: 'There is no step "jion". Did you mean "join"?\n' })
  })

  test('is gone on with, forked with another input, and compared', async () => {
    await brokenRun()
    expect(await tracks('resume', '--status', 'failed', '--since', '1d')).toMatchObject({ exitCode: 0, out: expect.stringContaining('"sound": "a+b+c+3 words"') as string })
    expect((await tracks('fork', 'broken', '--from', 'speak[1]', '--set', 'text=beta', '--plan')).out).toContain('4 of 7 are reused')
    expect(await tracks('fork', 'broken', '--from', 'speak[1]', '--set', 'text=beta', '--run-id', 'beta')).toMatchObject({ exitCode: 0, out: expect.stringContaining('"a+beta+c+3 words"') as string })
    const { out } = await tracks('diff', 'broken', 'beta')
    expect(out).toMatch(/^Speech\/speak\[1\] +input +text: "b" → "beta"$/m)
    expect((await tracks('diff', 'broken', 'beta', '--json')).json()).toMatchObject({ steps: [{ path: 'Reading/Speech/speak[1]' }, { path: 'Reading/Speech/join' }, { path: 'Reading/final:join' }] })
    expect((await tracks('show', 'beta')).out).toContain('A fork of broken, from Speech/speak[1], with text = "beta"')
    expect(await tracks('fork', 'broken')).toMatchObject({ exitCode: 2, err: expect.stringContaining('--from step') as string })
  })
})

test('what a run asks for is shown and answered, while it goes on and when its process has ended', async () => {
  const stop = new AbortController()
  const going = inPipe(folder, ['run', 'Reviewed', 'text=a b', '--run-id', 'asked'], { signal: stop.signal })
  const asks = (path: string) => expect.poll(async () => (await tracks('approve', 'asked', '--json')).json()).toMatchObject([{ path, isAnswered: false }])
  await asks('Reviewed/review')
  expect((await tracks('approve', 'asked')).out).toMatch(/^review asks for \{ text: string \} until 20.* UTC:\n {2}\{"words":2\}\n {2}tracks approve asked review <value>$/m)
  expect((await tracks('show', 'asked')).out).toContain('tracks approve asked review')
  expect(await tracks('approve', 'asked', 'review', '{"txt":1}')).toMatchObject({ exitCode: 2, err: expect.stringContaining('text: ') as string })
  expect(await tracks('approve', 'asked', 'review', 'hello')).toMatchObject({ exitCode: 2, err: expect.stringMatching(/^The answer does not fit:\n.*\nreview asks for \{ text: string \}: write it as JSON, or as text=…\n$/) as string })
  expect(await tracks('approve', 'asked', 'review', 'text=a b c')).toMatchObject({ exitCode: 0, out: 'review is answered. The run goes on with it.\n' })
  await asks('Reviewed/go_on')
  expect(await tracks('approve', 'asked', 'review', '{"text":"late"}')).toMatchObject({ exitCode: 4, err: expect.stringContaining('the first answer holds') as string })
  stop.abort()
  expect((await going).out).toMatch(/ Reviewed > review: review waits for an answer until .*\n\S+ {2}What it asks for, and how to answer: {2}tracks approve asked\n/)
  expect((await tracks('show', 'asked')).out).toMatch(/^go_on +cancelled /m)
  expect((await tracks('why', 'asked', 'go_on')).out).toMatch(/^go_on +run +it was begun, but did not finish\n\n0 of 1 are reused, 1 is run\.$/m)
  expect(await tracks('approve', 'asked', 'go_on', 'maybe')).toMatchObject({ exitCode: 2, err: expect.stringContaining('go_on asks for boolean: say true or false') as string })
  expect((await tracks('approve', 'asked', 'go_on', 'yes')).out).toContain('Go on with it:  tracks resume asked')
  expect((await tracks('show', 'asked')).out).toContain('go_on is answered: the run goes on with it when it is resumed.')
  expect(await tracks('approve', 'asked', 'go_on', 'false')).toMatchObject({ exitCode: 4 })
  expect((await tracks('resume', 'asked')).out).toContain('"words": 3')
  expect((await tracks('approve', 'asked')).out).toBe('Run asked asks for nothing.\n')
  expect(await tracks('fork', 'asked', '--from', 'review', '--set', 'words=3', '--plan')).toMatchObject({ exitCode: 0, out: expect.stringContaining('1 of 4 is reused') as string })
})

test('what the journal refuses ends with exit code 4, what cannot be loaded with 3', async () => {
  await brokenRun()
  expect(await tracks('show', 'brokne')).toMatchObject({ exitCode: 4, err: expect.stringContaining('There is no run "brokne". Did you mean "broken"?') as string })
  expect(await tracks('cancel', 'broken')).toMatchObject({ exitCode: 4, err: expect.stringContaining('is not running') as string })
  expect(await tracks('list', '--config', 'none.ts')).toMatchObject({ exitCode: 3, err: expect.stringContaining('There is no ') as string })
  await writeFile(join(folder, 'broken.config.mjs'), 'export default { registry: {}, handlers: {}, trakcs: [] }')
  expect(await tracks('list', '--config', 'broken.config.mjs')).toMatchObject({ exitCode: 3, err: expect.stringMatching(/cannot be loaded: defineConfig: .*Did you mean "tracks"\?/) as string })
})

test('tracks check touches everything, and says what to do', async () => {
  expect(await tracks('check')).toMatchObject({ exitCode: 0, out: expect.stringMatching(/handlers +ok +for all 4 tasks[^]*voice +ok +there/) as string })
})

test('tracks export writes an archive without secrets, and a trace', async () => {
  await tracks('run', 'Words', 'text=https://files.example/a?X-Amz-Signature=0123456789abcdef0123', '--run-id', 'told')
  expect(await tracks('export', 'told')).toMatchObject({ exitCode: 0, out: expect.stringContaining('told.tar.gz') as string })
  const unpacked = (name: string) => execFileSync('tar', ['-xzOf', join(folder, 'told.tar.gz'), name], { encoding: 'utf8' })
  expect(JSON.parse(unpacked('run.json'))).toMatchObject({ runId: 'told', status: 'succeeded' })
  for (const name of ['run.json', 'steps.json', 'journal.jsonl']) expect(unpacked(name)).not.toContain('0123456789abcdef')
  expect(await tracks('export', 'told')).toMatchObject({ exitCode: 2, err: expect.stringContaining('is there already') as string })
  await tracks('export', 'told', '--perfetto', '--out', 'trace.json')
  const { traceEvents } = JSON.parse(await readFile(join(folder, 'trace.json'), 'utf8')) as { traceEvents: object[] }
  expect(traceEvents).toMatchObject([{ ph: 'M', args: { name: 'Words' } }, { ph: 'X', name: 'count', ts: 0, args: { path: 'Words/count' } }])
})

test('every verb stands in the README, and in the help', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const verbs = [...(await tracks('--help')).out.matchAll(/^ {2}([a-z]+)(?: |$)/gm)].map(([, verb]) => verb!).filter((verb) => verb !== 'tracks' && verb !== 'help')
  expect(verbs).toEqual(expect.arrayContaining(['list', 'run', 'resume', 'mcp']))
  expect(verbs.filter((verb) => !readme.includes(`\`tracks ${verb}`))).toEqual([])
})

test('help has examples and exit codes, and fits; shells are told how to complete', async () => {
  const { out, exitCode } = await tracks('--help')
  expect(exitCode).toBe(0)
  expect(out).toMatch(/Examples:\n {2}tracks run/)
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  expect((await tracks('completion', 'tcsh')).exitCode).toBe(2)
})
