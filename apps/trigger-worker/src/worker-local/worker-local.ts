import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { delimiter, dirname, join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { findFfmpeg } from '@track-orchestrator/media-tasks'
import { cancel, startTriggerCli, startTriggerDevServer, trigger, waitForRun, type TriggerCli, type TriggerDevServer } from '@track-orchestrator/trigger-dev-server'
import { errorOfRun } from '@track-orchestrator/trigger-engine'
import { placesOf } from '../demo/options.ts'
import { saveResult } from '../demo/save-result.ts'
import { describeFailure } from '../describe-failure.ts'
import { speechVariableNames } from '../environment.ts'
import { voiceConversion } from '../orchestrators/voice-conversion.orchestrator.ts'
import type { Program } from '../program.ts'
import { credits, describeRun, runTable } from './run-table.ts'

export const usage = `npm run worker:local [-- <video or https://…> [--out <file.mp4>]]

Converts a video by the Trigger.dev worker itself: the real \`trigger dev\`, and a local API in place of the cloud.
No account, no key; with DEEPGRAM_API_KEY or ELEVENLABS_API_KEY set, these hear and speak. Without a video: the bundled sample.
  --out   the MP4 to write (default: out/<name>.mp4); its subtitles are written beside it`

const projectFolder = fileURLToPath(new URL('../..', import.meta.url))
const lookEveryMs = 100

/** `VoiceConversion` on the deployable worker, without the cloud. Returns the exit code: 0 done, 1 failed, 2 asked wrongly, 130 stopped. */
export async function runWorkerLocal({ arguments: args, folder, env, stdout, stderr, signal }: Program): Promise<number> {
  const say = (line: string) => void stdout.write(`${line}\n`)
  let places
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { out: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } } })
    if (values.help) {
      say(usage)
      return 0
    }
    places = placesOf(positionals, values.out, folder)
  } catch (error) {
    stderr.write(`${(error as Error).message}\n\n${usage}\n`)
    return 2
  }
  const { url, readableFolders, output } = places
  await mkdir(dirname(output), { recursive: true })
  const storageFolder = await mkdtemp(join(dirname(output), 'worker-'))
  let server: TriggerDevServer | undefined
  let cli: TriggerCli | undefined
  try {
    const { ffmpegPath, ffprobePath, notes } = await findFfmpeg({ env })
    for (const note of notes) stderr.write(`${note}\n`)
    say('Starting trigger dev against a local API … (half a minute)')
    server = await startTriggerDevServer()
    cli = await startTriggerCli({
      projectFolder,
      server,
      env: {
        STORAGE_FOLDER: storageFolder,
        TEMPORARY_FOLDER: join(storageFolder, '.tmp'),
        READABLE_FOLDERS: readableFolders.join(delimiter),
        FFMPEG_PATH: ffmpegPath,
        FFPROBE_PATH: ffprobePath,
        // All parts share this machine: as many encoders as cores, of a thread each.
        ENCODER_THREADS: '1',
        TRANSCODE_CONCURRENCY: String(availableParallelism()),
        ...pickSpeech(env),
      },
    })
    await unlessStopped(cli.ready, signal)
    const payload = { tenantId: 'local', projectId: 'voice-conversion', url }
    const runId = await trigger(server, voiceConversion.name, payload)
    await followRuns({ server, cli, runId, signal, say })
    const root = server.run(runId)!
    say(`\n${runTable(root)}`)
    const run = await waitForRun(server, runId)
    if (!run.isSuccess) throw errorOfRun(run.error ?? { message: `${run.taskIdentifier} ended as ${run.status}` })
    const saved = await saveResult(run.output as { url: string; srtUrl?: string }, output)
    for (const line of credits(root)) say(line)
    say(`MP4  ${relative(folder, saved.mp4)}`)
    if (saved.srt !== undefined) say(`SRT  ${relative(folder, saved.srt)}`)
    return 0
  } catch (error) {
    if (signal.aborted) return 130
    stderr.write(`${describeFailure(error)}\n`)
    return 1
  } finally {
    await cli?.stop()
    await server?.close()
    await rm(storageFolder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** The keys of hosted services, where there are any: the worker reads them as it would when deployed. */
function pickSpeech(env: Program['env']): Record<string, string> {
  return Object.fromEntries(speechVariableNames.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}

interface Following {
  readonly server: TriggerDevServer
  readonly cli: TriggerCli
  readonly runId: string
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** Says a line for each run that ends, until the one that was asked for has. A stop cancels that run, so that its tasks tidy up. */
async function followRuns({ server, cli, runId, signal, say }: Following): Promise<void> {
  for (let seen = 0; ; await sleep(lookEveryMs)) {
    for (; seen < server.events.length; seen++) {
      const { type, id } = server.events[seen]!
      const run = type === 'run.completed' && id !== undefined ? server.run(id) : undefined
      if (!run) continue
      const { task, status, duration } = describeRun(run)
      say(`${task.padEnd(32)} ${status.padEnd(10)} ${duration}`)
      if (id === runId) return
    }
    if (signal.aborted) {
      await cancel(server, runId)
      throw signal.reason
    }
    if (!isAlive(cli.pid)) throw new Error(`trigger dev ended before the run did. It printed:\n${cli.output()}`)
  }
}

function unlessStopped<Value>(awaited: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const stopped = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error)
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
  return Promise.race([awaited, stopped])
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
