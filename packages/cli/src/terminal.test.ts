import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { commandLine, openTerminal } from './testing/pseudo-terminal.ts'
import { wordsIn } from './testing/screen-picture.ts'

// The command as a person uses it: in a real pseudo-terminal, whose screen is read.

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracks-terminal-'))
})
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
const open = (columns: number, args: readonly string[], env: Readonly<Record<string, string>> = {}) => openTerminal(args, { columns, folder, env })

test.each([80, 120])('on a terminal of %i columns a run shows bars with their rate and the time left, lines of what ended, and the output', async (columns) => {
  const terminal = open(columns, ['run', 'Reading', 'text=one/two/three', '--run-id', 'r1'], { TRACKS_PAUSE_MS: '900' })
  expect(await terminal.exited).toBe(0)
  expect(terminal.broken()).toEqual([])
  const screen = terminal.lines().join('\n')
  expect(screen).toMatch(/^Reading: run r1$/m)
  expect(screen).toMatch(/^Speech > speak: done in /m)
  expect(screen).toMatch(/^ {2}"sound": "one\+two\+three\+3 words"$/m)
  expect(terminal.written()).toMatch(/[█░]+ +\d+ %  speak {2}1 of 3 {2}\d\.\d\/s {2}\S+ m?s left/)
  expect(terminal.written()).toContain('\u001B[?25h') // the cursor is there again
  expect(screen).not.toMatch(/[█░]/) // nothing of the bars is left
})

test('the picture of the documentation is what a run looks like while it goes on: UPDATE_PICTURES=1 makes it anew', async () => {
  const kept = new URL('../../../docs/pictures/tracks-run.svg', import.meta.url)
  const terminal = open(80, ['run', 'Reading', 'text=To be/or not/to be/that is/the question'], { TRACKS_PAUSE_MS: '700' })
  await expect.poll(() => terminal.written()).toContain('3 of 5')
  if (process.env['UPDATE_PICTURES']) await writeFile(kept, terminal.picture())
  expect(await terminal.exited).toBe(0)
  const written = terminal.written()
  expect(wordsIn(await readFile(kept, 'utf8')).filter((word) => !`$ tracks run Reading text=To be or not ${written}`.includes(word))).toEqual([])
  expect(wordsIn(await readFile(kept, 'utf8'))).toEqual(expect.arrayContaining(['tracks', 'Speech', 'speak']))
})

test.each([['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const)('%s cancels a run cleanly, says how to go on with it, and that works', async (signal, exitCode) => {
  const terminal = open(80, ['run', 'Reading', 'text=a/b', '--run-id', 'r1'], { TRACKS_PAUSE_MS: '200000' })
  await expect.poll(() => terminal.written()).toContain('speaks a')
  if (signal === 'SIGINT') terminal.type('\u0003')
  else process.kill(terminal.pid, signal)
  expect(await terminal.exited).toBe(exitCode)
  expect(terminal.lines().join('\n')).toMatch(/Run r1 was cancelled after [^]*\nGo on with it: {2}tracks resume r1/)
  const again = open(80, ['resume', 'r1'])
  expect(await again.exited).toBe(0)
  expect(again.lines().join('\n')).toContain('"sound": "a+b+2 words"')
})

test('at 60 columns tables are still legible, and no line is too wide', { timeout: 300_000 }, async () => {
  expect(await open(80, ['run', 'Reading', 'text=a/b/c', '--run-id', 'a-run-with-a-rather-long-name-0001'], { TRACKS_BROKEN: 'b' }).exited).toBe(1)
  for (const args of [['list'], ['runs'], ['show', 'a-run'], ['resume', 'a-run', '--plan'], ['check'], ['--help']]) {
    const terminal = open(60, args)
    expect(await terminal.exited).toBe(0)
    expect(terminal.broken(), args.join(' ')).toEqual([])
  }
})

test('words are in colour on a terminal, and not where NO_COLOR is set', async () => {
  const coloured = open(80, ['check'])
  await coloured.exited
  expect(coloured.written()).toContain('\u001B[32mok\u001B[39m')
  const plain = open(80, ['check'], { NO_COLOR: '1' })
  await plain.exited
  for (const colour of ['31', '32', '33', '34', '39']) expect(plain.written()).not.toContain(`\u001B[${colour}m`)
})

test('deleting asks before, and takes no for an answer', async () => {
  expect(await open(80, ['run', 'Words', 'text=a', '--run-id', 'r1']).exited).toBe(0)
  const terminal = open(80, ['delete', 'r1'])
  await expect.poll(() => terminal.written()).toContain('Delete run r1?')
  terminal.type('\r')
  expect(await terminal.exited).toBe(1)
  expect(terminal.lines().join('\n')).toContain('Nothing is deleted.')
})

test('another process has a run cancelled', async () => {
  const terminal = open(80, ['run', 'Reading', 'text=a/b', '--run-id', 'r1'], { TRACKS_PAUSE_MS: '200000' })
  await expect.poll(() => terminal.written()).toContain('speaks a')
  const other = open(80, ['cancel', 'r1'])
  expect(await other.exited).toBe(0)
  expect(other.lines().join('\n')).toContain('Run r1 is cancelled.')
  expect(await terminal.exited).toBe(1)
})

test('in a pipe there are lines without colours, also where whoever reads leaves', async () => {
  const shell = `"${process.execPath}" ${commandLine(['run', 'Reading', 'text=a/b', '--run-id', 'r1']).map((word) => `'${word}'`).join(' ')} | head -n 1`
  const child = spawn('bash', ['-o', 'pipefail', '-c', shell], { cwd: folder, env: { ...process.env, TRACKS_FOLDER: join(folder, '.tracks') }, stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
  expect(out).toMatch(/^\d\d:\d\d:\d\d {2}Reading: run r1\n$/)
  expect(await readFile(join(folder, '.tracks/runs/r1/journal.jsonl'), 'utf8')).toContain('"status":"succeeded"')
})
