import { basename, dirname, join, relative } from 'node:path'
import type { RunLog } from '@track-orchestrator/core'
import { createConsoleLog, printable } from '@track-orchestrator/core/console'
import { findFfmpeg } from '@track-orchestrator/media-tasks'
import { readSpeechServices, type SpeechServices } from '../environment.ts'
import { createLocalRunner } from '../local-runner.ts'
import { ProgramError } from '../program/describe-failure.ts'
import { explained, orFullDisk, prepareOutput, resultFiles, saveResult } from '../program/output-files.ts'
import { runProgram, type Program } from '../program/program.ts'
import { makeRunFolder } from '../program/run-folder.ts'
import { noTranslator, orchestrators } from '../tracks.config.ts'
import { readDemoArguments, usage, type DemoArguments } from './arguments.ts'
import { createBars } from './bars.ts'
import type { LocalHistory } from './local-history.ts'
import { createStepTable } from './step-table.ts'
import { verifyResult } from './verify-result.ts'

/** The demo as a program: `VoiceConversion` on this machine, or `TranslatedDubbing`. Returns the exit code, as `runProgram` does. */
export function runDemo(program: Program): Promise<number> {
  return runProgram(program, async () => {
    const asked = readDemoArguments(program.arguments, program.folder)
    if (asked) await convert(asked, program)
    else program.stdout.write(`${usage}\n`)
  })
}

/** What no other run and nobody else has to do with lies in one folder beside the result, and goes with the run. */
async function convert(asked: DemoArguments, program: Program): Promise<void> {
  const { folder, env, stdout, stderr, signal } = program
  // JSON is read by a program: nothing else stands between its lines.
  const say = (line: string) => void (asked.log === 'json' || stdout.write(`${line}\n`))
  const speech = speechOf(env)
  if (asked.options.translateTo !== undefined && !speech.translator) throw new ProgramError(noTranslator, 2)
  await prepareOutput(asked.output, asked.input)
  const ffmpeg = await findFfmpeg({ env })
  for (const note of ffmpeg.notes) stderr.write(`${note}\n`)
  const parent = dirname(asked.output.mp4)
  const work = await explained(`${parent} cannot be written`, () => makeRunFolder(parent))
  let history: LocalHistory | undefined
  try {
    if (asked.supabase) {
      // Loaded only when asked for: who runs the demo without it needs no database.
      const { startLocalHistory } = await import('./local-history.ts')
      say('Starting a Supabase project on this machine …')
      history = await startLocalHistory({ spoolFolder: join(work.path, 'spool'), signal, onNotice: (message) => void stderr.write(`${printable(message)}\n`) })
      say(`It answers at ${history.url}`)
    }
    const table = createStepTable()
    const runner = await createLocalRunner({
      ffmpeg,
      env,
      speech,
      storageFolder: join(work.path, 'storage'),
      temporaryFolder: join(work.path, 'temporary'),
      readableFolders: asked.readableFolders,
      logs: [progressLog(asked.log, stdout), table, ...(history ? [history.log] : [])],
    })
    const base = { tenantId: 'demo', projectId: 'voice-conversion' }
    const { translateTo, ...options } = asked.options
    const input = { ...base, url: asked.url, ...options }
    const result = translateTo === undefined ? await runner.settleOrchestrator(orchestrators.VoiceConversion, input, { signal }) : await runner.settleOrchestrator(orchestrators.TranslatedDubbing, { ...input, translateTo }, { signal })
    signal.throwIfAborted()
    say(`\n${table.toString()}`)
    if (history) say(`\n${await history.describeLastRun(base)}`)
    if (result.status !== 'succeeded') throw result.error
    const verified = await verifyResult(runner, { sourceUrl: asked.url, output: result.output, tracks: result.tracks, hasBackground: (asked.options.background ?? 'none') !== 'none' }, { title: basename(asked.output.mp4), base, signal })
    const written = await saveResult({ ...resultFiles(result.output, asked.options), reportUrl: verified.reportUrl }, asked.output)
    for (const line of table.credits()) say(line)
    for (const note of result.output.notes ?? []) say(`Note       ${printable(note)}`)
    say(verified.line)
    say(`MP4  ${relative(folder, written.mp4)}`)
    if (written.srt !== undefined) say(`SRT  ${relative(folder, written.srt)}`)
    if (written.report !== undefined) say(`HTML ${relative(folder, written.report)}`)
  } catch (error) {
    throw await orFullDisk(error, work.path)
  } finally {
    await history?.stop(signal.aborted)
    if (asked.keep) {
      work.keep()
      stderr.write(`The files between the steps are kept in ${relative(folder, work.path)}\n`)
    } else {
      await work.remove()
    }
  }
}

function speechOf(env: Program['env']): SpeechServices {
  try {
    return readSpeechServices(env)
  } catch (error) {
    throw new ProgramError((error as Error).message, 2)
  }
}

/** Bars where they can be drawn, or were asked for. */
function progressLog(mode: DemoArguments['log'], stdout: Program['stdout']): RunLog {
  if (mode === 'bars' || (mode === 'auto' && stdout.isTTY)) return createBars(stdout)
  return createConsoleLog({ mode: mode === 'json' ? 'json' : 'lines', stream: stdout })
}
