import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { inPipe } from '../testing/in-pipe.ts'
import { ownFolder } from '../testing/own-folder.ts'
import { readTypedLine, typedOn } from './typed-line.ts'

// What a shell is given when a person presses the key that completes.

const folder = ownFolder('complete')
const config = fileURLToPath(new URL('../testing/tracks.config.ts', import.meta.url))
const oddConfig = fileURLToPath(new URL('../testing/odd-names/tracks.config.ts', import.meta.url))
const told = async (shell: string, ...words: string[]) => {
  const { out, err, exitCode } = await inPipe(folder.path(), ['completion', shell, '--', ...words])
  expect([exitCode, err]).toEqual([0, ''])
  return out.split('\n').filter((line) => line !== '')
}
const inFish = (...words: string[]) => told('fish', ...words)
const inBash = (line: string) => told('bash', line)

beforeAll(async () => {
  expect(await inPipe(folder.path(), ['run', 'Reading', 'text=a/b', '--run-id', 'r-1'])).toMatchObject({ exitCode: 0 })
})

test.each<[string[], string[]]>([
  [['ru'], ['run\truns it, and shows it while it goes on', 'runs\tlists runs, the latest first']],
  [['run', 'Re'], ['Reading\torchestrator', 'Reviewed\ttrack']],
  [['graph', 'spea'], []],
  [['run', 'speak', ''], ['text=', 'voice=']],
  [['run', 'speak', 'text=a', ''], ['voice=']],
  [['run', 'speak', 'voice=h'], ['voice=high']],
  [['show', ''], ['last\tthe latest run', 'r-1\tReading, succeeded']],
  [['diff', 'r-1', 'r'], ['r-1\tReading, succeeded']],
  [['show', '--supabase', ''], ['last']],
  [['fork', 'r-1', '--from', 's'], ['split', 'speak']],
  [['why', 'r-1', 'j'], ['join']],
  [['runs', '--status', 'c'], ['cancelled']],
  [['--json', 'gra'], ['graph\tthe picture of a track or an orchestrator']],
  [['run', '--input', ''], []],
  [['runs', '--lim'], ['--limit\tas many at most (50)']],
  [['show', '--config', '/nowhere.ts', ''], []],
  [['run', 'Nothing', ''], []],
])('behind %j there may stand %j', async (words, candidates) => {
  expect(await inFish(...words)).toEqual(candidates)
})

test.each([
  ['tracks run "a', ['a b', 'a=b']],
  ["tracks run '; d", []],
  [String.raw`tracks run \;`, []],
  [String.raw`tracks run \'`, [String.raw`\'\;\ drop`]],
  ['tracks run a=', ['b']],
  ['tracks run "a=', ['a=b']],
  ['tracks run \\$', [String.raw`\$\(touch\ pwned\)`]],
  ['tracks run 音', [String.raw`音\ 声`]],
])('%j is gone on with by %j in bash, which takes = for the end of a word, and quotes for what they are', async (line, candidates) => {
  expect(await inBash(line.replace('run', `run --config ${oddConfig}`))).toEqual(candidates)
})

test('what completes a word means the word, in each quote of bash', () => {
  for (const value of ['It\'s a "track" 🎬', 'a=b', '$(x) `y` \\z', '音 声', '!x', '~', '#a', 'a:b']) {
    for (const [quote, end] of [['', ''], ['"', '"'], ["'", "'"]] as const) {
      const line = readTypedLine(`tracks run ${quote}`)
      const [word] = execFileSync('bash', ['-c', `printf '%s\\0' ${quote}${typedOn(line, value)}${end}`]).toString().split('\0')
      expect(word).toBe(value)
    }
  }
})

test.each(['bash', 'zsh', 'fish'])('the script for %s asks the command', async (shell) => {
  const { out, exitCode } = await inPipe(folder.path(), ['completion', shell, '--config', config])
  expect([exitCode, out]).toEqual([0, expect.stringContaining(`completion ${shell} -- `)])
  if (shell === 'bash') execFileSync('bash', ['-n'], { input: out })
})
