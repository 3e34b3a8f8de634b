import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const page = at('../../../docs/tracks-command.md')
const sample = at('../sample/sense-and-sensibility')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracks-transcript-'))
  for (const end of ['.webm', '.deepgram.json']) await cp(sample + end, join(folder, `talk${end}`))
  // Where the command looks for it.
  await writeFile(join(folder, 'tracks.config.mjs'), `export { default } from '${new URL('../testing/killed.config.ts', import.meta.url).href}'\n`)
})
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

/** Runs the command in a process of its own. What was said of the run while it went on is left out: two tracks at once never say it in the same order. */
async function tracks(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const require = createRequire(import.meta.url)
  const command = ['--conditions=@track-orchestrator/source', '--import', require.resolve('tsx'), at('../../../packages/cli/src/main.ts'), ...args]
  const { stdout, stderr, signal = '' } = (await promisify(execFile)(process.execPath, command, { cwd: folder, env: { ...process.env, INIT_CWD: folder, TRACKS_FOLDER: join(folder, '.tracks'), COLUMNS: '120', ...env } }).catch((error: unknown) => error)) as { stdout: string; stderr: string; signal?: string }
  expect(stderr).toBe('')
  const said = stdout.replace(/^(?:\d\d:\d\d:\d\d {2}.*\n)+/m, '…\n') + (signal === 'SIGKILL' ? 'Killed\n' : '')
  return said.replaceAll(`file://${folder}`, 'file:///home/me').replaceAll(/(,\n {2}"(?:files|srtUrl|durationSeconds)"[^]*?)(?=\n\}\n$)/g, ',\n  …')
}

const shown = (args: readonly string[]) => `tracks ${args.map((arg) => (/[\s[\]']/.test(arg) ? `'${arg}'` : arg).replace(pathToFileURL(folder).href, 'file:///home/me')).join(' ')}`

/** What differs from machine to machine, and from run to run. */
const steady = (text: string) => text.replaceAll(/\d+ min \d+ s|\d+(?:\.\d+)? (?:ms|s|m|min)\b/g, '…').replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, '…').replaceAll(/-[\da-f]{8}\./g, '-….').replaceAll(/sizeBytes: \d+ → \d+/g, '…').replaceAll(/\b\d+(?:\.\d+)? → \d+(?:\.\d+)?\b/g, '…').replaceAll(/^Input: [^]*?\n\n/gm, 'Input\n\n').replaceAll(/ +/g, ' ').replaceAll(/ $/gm, '')

test('the flagship is killed in the midst, resumed, one line of it edited, forked and compared, as the documentation shows', { timeout: 300_000 }, async () => {
  const parts: string[] = ['# A flow that is killed, resumed, edited and compared', '', 'Made by `apps/trigger-worker/src/tracks-command.test.ts`: what the `tracks` command says, on the bundled sample.']
  const step = async (about: string, args: readonly string[], env?: Readonly<Record<string, string>>) => {
    const said = await tracks(args, env)
    parts.push('', about, '', '```console', `$ ${shown(args)}`, said.trimEnd(), '```')
    return said
  }
  const killed = await step('The process is killed (`kill -9`) as it is to speak.', ['run', 'VoiceConversion', `url=${pathToFileURL(join(folder, 'talk.webm')).href}`, '--run-id', 'talk'], { KILLED_RUN: 'talk' })
  expect(killed).toContain('Killed')
  expect(await step('The journal knows what was finished.', ['show', 'talk'])).toMatch(/^interrupted/m)
  expect(await step('What going on with it would do, and why:', ['resume', 'talk', '--plan'])).toContain('9 of 12 are reused, 3 are run.')
  expect(await step('It goes on where it was.', ['resume', 'talk'])).toMatch(/^Run talk succeeded/m)
  expect(await step('One line is to be another. Everything before the voice is taken over; the old run stays as it is.', ['fork', 'talk', '--from', 'elevenlabs_text_to_speech_batch', '--set', 'segments[0].text=Something else is said here.', '--run-id', 'edited'])).toMatch(/^Run edited succeeded/m)
  const compared = await tracks(['diff', 'talk', 'edited', '--json'])
  const { steps } = JSON.parse(compared) as { steps: { path: string; input?: { path: string; after: string }[] }[] }
  expect(steps.map(({ path }) => path.split('/').at(-1))).toEqual(['elevenlabs_text_to_speech_batch', 'combine_audio_segments', 'final:merge_audio_video'])
  expect(steps[0]!.input).toMatchObject([{ path: 'segments[0].text', after: '"Something else is said here."' }])
  parts.push('', 'How the two differ: three steps, beginning with that line (`tracks diff talk edited`).', '', '```console', '$ tracks diff talk edited --json | jq \'.steps[0].input\'', JSON.stringify(steps[0]!.input, undefined, 2), '```')
  expect(await step('Both are kept.', ['runs'])).toMatch(/^edited .*\ntalk /m)

  const text = `${parts.join('\n')}\n`
  if (process.env['UPDATE_TRANSCRIPT']) await writeFile(page, text)
  expect(steady(text), 'the documentation shows something else: UPDATE_TRANSCRIPT=1').toBe(steady(await readFile(page, 'utf8')))
})
