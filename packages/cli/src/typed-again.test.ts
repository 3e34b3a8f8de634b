import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { shellWord } from '@track-orchestrator/core/console'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTerminal } from './testing/pseudo-terminal.ts'

// What the command prints for a person to type, typed as it stands.

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracks-typed-'))
})
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
const open = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => openTerminal(args, { columns: 120, folder, env })

test('the line that an interrupted run prints names its configuration and its limits, and resumes the run', async () => {
  await writeFile(join(folder, "it's mine.mjs"), `export { default } from ${JSON.stringify(new URL('testing/tracks.config.ts', import.meta.url).href)}\n`)
  const terminal = open(['run', 'Reading', 'text=a/b', '--run-id', 'r1', '--max-cost', 'USD=2', '--config', "it's mine.mjs"], { TRACKS_PAUSE_MS: '200000' })
  await expect.poll(() => terminal.written()).toContain('speaks a')
  terminal.type('\u0003')
  expect(await terminal.exited).toBe(130)
  const [, typed] = /^Go on with it:\s+tracks (.*)$/m.exec(terminal.lines().join('\n'))!
  expect(typed).toBe(String.raw`resume r1 --max-cost USD=2 --config 'it'\''s mine.mjs'`)
  const again = open(wordsOf(typed!))
  expect(await again.exited).toBe(0)
  expect(again.lines().join('\n')).toContain('"sound": "a+b+2 words"')
})

/** As a shell takes a line apart that holds single quotes and no more. */
const wordsOf = (line: string) => [...line.matchAll(/(?:'[^']*'|\\'|[^\s'\\])+/g)].map(([word]) => word.replaceAll(/'([^']*)'|\\'/g, (_whole, inner?: string) => inner ?? "'"))

test.each(["'; drop", '$(touch pwned)', 'a b', '<b>', '音 声', '!x', '~', '*', '--help', 'plain-1.5/x'])('%j comes through a shell as it is', (word) => {
  expect(wordsOf(shellWord(word, 'linux'))).toEqual([word])
  expect(shellWord('a "b"', 'win32')).toBe('"a ""b"""')
})
