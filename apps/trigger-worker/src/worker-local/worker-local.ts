import { availableParallelism } from 'node:os'
import { delimiter, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { printable } from '@track-orchestrator/core/console'
import { findFfmpeg } from '@track-orchestrator/media-tasks'
import { startTriggerCli, startTriggerDevServer, trigger, waitForRun, type TriggerCli, type TriggerDevServer } from '@track-orchestrator/trigger-local'
import { errorOfRun } from '@track-orchestrator/trigger-engine'
import { speechVariableNames } from '../environment.ts'
import { explained, orFullDisk, prepareOutput, resultFiles, saveResult } from '../program/output-files.ts'
import { runProgram, type Program } from '../program/program.ts'
import { makeRunFolder } from '../program/run-folder.ts'
import { orchestrators } from '../tracks.config.ts'
import { readWorkerLocalArguments, usage, type WorkerLocalArguments } from './arguments.ts'
import { followRuns, unlessStopped } from './follow-runs.ts'
import { credits, runTable } from './run-table.ts'

const projectFolder = fileURLToPath(new URL('../..', import.meta.url))

/** `VoiceConversion` on the deployable worker, without the cloud. Returns the exit code, as `runProgram` does. */
export function runWorkerLocal(program: Program): Promise<number> {
  return runProgram(program, async () => {
    const places = readWorkerLocalArguments(program.arguments, program.folder)
    if (places) await convert(places, program)
    else program.stdout.write(`${usage}\n`)
  })
}

/** What lies between the tasks is in one folder beside the result, and goes with the run. */
async function convert({ url, input, readableFolders, output, options }: WorkerLocalArguments, { folder, env, stdout, stderr, signal }: Program): Promise<void> {
  const say = (line: string) => void stdout.write(`${line}\n`)
  await prepareOutput(output, input)
  const { ffmpegPath, ffprobePath, notes } = await findFfmpeg({ env })
  for (const note of notes) stderr.write(`${note}\n`)
  const parent = dirname(output.mp4)
  const work = await explained(`${parent} cannot be written`, () => makeRunFolder(parent))
  let server: TriggerDevServer | undefined
  let cli: TriggerCli | undefined
  try {
    say('Starting trigger dev against a local API … (half a minute)')
    server = await startTriggerDevServer()
    cli = await startTriggerCli({
      projectFolder,
      server,
      env: {
        STORAGE_FOLDER: join(work.path, 'storage'),
        TEMPORARY_FOLDER: join(work.path, 'temporary'),
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
    const runId = await trigger(server, (options.translateTo === undefined ? orchestrators.VoiceConversion : orchestrators.TranslatedDubbing).name, { tenantId: 'local', projectId: 'voice-conversion', url, ...options })
    await followRuns({ server, cli, runId, signal, say })
    const root = server.run(runId)!
    say(`\n${runTable(root)}`)
    const run = await waitForRun(server, runId)
    if (!run.isSuccess) throw errorOfRun(run)
    const { mp4, srt } = await saveResult(resultFiles(run.output as { url: string; srtUrl?: string }, options), output)
    for (const line of credits(root)) say(line)
    for (const note of (run.output as { notes?: string[] }).notes ?? []) say(`Note       ${printable(note)}`)
    say(`MP4  ${relative(folder, mp4)}`)
    if (srt !== undefined) say(`SRT  ${relative(folder, srt)}`)
  } catch (error) {
    throw await orFullDisk(error, work.path)
  } finally {
    await cli?.stop()
    await server?.close()
    await work.remove()
  }
}

/** The keys of hosted services, where there are any: the worker reads them as it would when deployed. */
function pickSpeech(env: Program['env']): Record<string, string> {
  return Object.fromEntries(speechVariableNames.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}
