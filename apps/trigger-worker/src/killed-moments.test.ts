import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { findFfmpeg } from '@track-orchestrator/media-tasks'
import { makeClip } from '@track-orchestrator/media-tasks/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

// KILLED_MOMENTS=50: how many. KILLED_SEED: of the moments.
const moments = Number(process.env['KILLED_MOMENTS'] ?? 1)
const seed = Number(process.env['KILLED_SEED'] ?? 1)
const root = fileURLToPath(new URL('../../..', import.meta.url))

/** A number from 0 up to 1, the same for the same seed and number. */
const randomAt = (number: number) => createHash('sha256').update(`${seed}/${number}`).digest().readUInt32BE() / 2 ** 32

let folder: string
let url: string
let whole: { readonly sha256: string; readonly files: readonly string[]; readonly journalBytes: number }
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'killed-moments-'))
  await makeClip(await findFfmpeg(), join(folder, 'clip.webm'), { durationSeconds: 3, width: 160, height: 90 })
  const words = ['Three', 'short', 'words.'].map((word, index) => ({ word: word.toLowerCase(), punctuated_word: word, start: 0.5 + index * 0.5, end: 0.9 + index * 0.5, confidence: 1 }))
  const utterances = [{ start: 0.5, end: 1.9, transcript: 'Three short words.', confidence: 1, words }]
  await writeFile(join(folder, 'clip.deepgram.json'), JSON.stringify({ metadata: {}, results: { channels: [{ alternatives: [{ transcript: 'Three short words.', words }] }], utterances } }))
  url = pathToFileURL(join(folder, 'clip.webm')).href
  const { out } = await begin('whole').ended
  whole = { ...(await resultOf(out)), files: await filesOf('whole'), journalBytes: await journalBytes('whole') }
})
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

/** The command as a person starts it, in a process group of its own. */
function tracks(...args: string[]) {
  const env = { ...process.env, INIT_CWD: folder, TRACKS_FOLDER: join(folder, '.tracks'), TEMPORARY_FOLDER: join(folder, 'temporary') }
  const command = ['--conditions=@track-orchestrator/source', 'tools/start.mjs', 'packages/cli/src/main.ts', ...args, '--json', '--config', 'apps/trigger-worker/tracks.config.ts']
  const child = spawn(process.execPath, command, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const ended = Promise.all([text(child.stdout), text(child.stderr), new Promise<number | null>((resolve) => child.on('close', resolve))]).then(([out, err, exitCode]) => ({ out, err, exitCode }))
  return { pid: child.pid!, ended }
}

const journalOf = (runId: string) => join(folder, '.tracks/runs', runId, 'journal.jsonl')

const journalBytes = (runId: string) => stat(journalOf(runId)).then(({ size }) => size, () => 0)

const begin = (runId: string) => tracks('run', 'VoiceConversion', `url=${url}`, 'parts=2', '--run-id', runId)

/** Waits until so much of the run is done, by its journal: not by the clock, for a machine is now fast, now slow. */
async function untilDone(runId: string, fraction: number): Promise<void> {
  while ((await journalBytes(runId)) < 100 + whole.journalBytes * fraction) await delay(5)
}

async function resultOf(out: string) {
  const end = JSON.parse(out.trim().split('\n').at(-1)!) as { status: string; output: { url: string } }
  expect(end).toMatchObject({ status: 'succeeded' })
  return { sha256: createHash('sha256').update(await readFile(new URL(end.output.url))).digest('hex') }
}

/** What a run has stored, without what is in names only to tell them apart. */
async function filesOf(runId: string): Promise<string[]> {
  const names = await readdir(join(folder, '.tracks/storage/tenants/local/projects/local/runs', runId), { recursive: true })
  return names.map((name) => name.replaceAll(/-[\da-f]{8,}/g, '')).toSorted()
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // it has just ended by itself
  }
}

test.each(Array.from({ length: moments }, (_, number) => number))('killed at moment %i, the flagship goes on to the same video; nothing is done twice, changed in the journal or left behind', async (number) => {
  const runId = `killed-${number}`
  const { pid, ended } = begin(runId)
  await Promise.race([untilDone(runId, randomAt(number) * 0.9), ended])
  await delay(200 * randomAt(moments + number)) // in the midst of a step, too
  // With its ffmpeg, as when a terminal or a machine goes; or without, as when the system takes the memory back.
  kill(number % 2 === 0 ? -pid : pid)
  await ended
  const before = await readFile(journalOf(runId))

  const resumed = await tracks('resume', runId).ended
  expect(resumed, resumed.err).toMatchObject({ exitCode: 0 })
  expect(await resultOf(resumed.out)).toEqual({ sha256: whole.sha256 })
  const after = await readFile(journalOf(runId))
  const kept = before.lastIndexOf('\n') + 1
  expect(after.subarray(0, kept).equals(before.subarray(0, kept))).toBe(true)
  const finished = after.toString().trim().split('\n').map((line) => JSON.parse(line) as { type: string; path: string }).flatMap(({ type, path }) => (type === 'call.succeeded' ? [path] : []))
  expect(finished).toHaveLength(new Set(finished).size)
  expect(await filesOf(runId)).toEqual(whole.files)
  expect(await readdir(join(folder, 'temporary'))).toEqual([])
})
