import { mkdir, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { RunLog } from '@track-orchestrator/core'
import { createConsoleLog } from '@track-orchestrator/core/console'
import { findFfmpeg } from '@track-orchestrator/media-tasks'
import { TracksError } from '@track-orchestrator/registry'
import { describeFailure } from '../describe-failure.ts'
import { readSpeechServices } from '../environment.ts'
import { createLocalRunner } from '../local-runner.ts'
import { voiceConversion } from '../orchestrators/voice-conversion.orchestrator.ts'
import type { Program } from '../program.ts'
import { createBars } from './bars.ts'
import type { LocalHistory } from './local-history.ts'
import { parseDemoOptions, usage, type DemoOptions } from './options.ts'
import { saveResult } from './save-result.ts'
import { createStepTable } from './step-table.ts'

/** The demo as a program: `VoiceConversion` on this machine. Returns the exit code: 0 done, 1 failed, 2 asked wrongly, 130 stopped. */
export async function runDemo({ arguments: args, folder, env, stdout, stderr, signal }: Program): Promise<number> {
  const say = (line: string) => void stdout.write(`${line}\n`)
  let options
  try {
    options = parseDemoOptions(args, folder)
  } catch (error) {
    stderr.write(`${(error as Error).message}\n\n${usage}\n`)
    return 2
  }
  if (!options) {
    say(usage)
    return 0
  }
  const { url, readableFolders, output, log, keep, supabase } = options
  let speech
  try {
    speech = readSpeechServices(env)
  } catch (error) {
    stderr.write(`${(error as Error).message}\n`)
    return 2
  }
  const storageFolder = join(dirname(output), 'storage')
  const table = createStepTable()
  let history: LocalHistory | undefined
  try {
    const ffmpeg = await findFfmpeg({ env })
    for (const note of ffmpeg.notes) stderr.write(`${note}\n`)
    await mkdir(dirname(output), { recursive: true })
    if (supabase) {
      // Loaded only when asked for: who runs the demo without it needs no database.
      const { startLocalHistory } = await import('./local-history.ts')
      history = await startLocalHistory(join(storageFolder, '.spool'))
      if (log !== 'json') say(`Supabase on this machine: ${history.url}`)
    }
    const runner = await createLocalRunner({
      ffmpeg,
      env,
      speech,
      storageFolder,
      readableFolders,
      logs: [progressLog(log, stdout), table, ...(history ? [history.log] : [])],
    })
    const base = { tenantId: 'demo', projectId: 'voice-conversion' }
    const result = await runner.settleOrchestrator(voiceConversion, { ...base, url }, { signal })
    if (log !== 'json') say(`\n${table.toString()}`)
    if (history && log !== 'json') say(`\n${await history.describeLastRun(base)}`)
    if (result.status !== 'succeeded') return explain(result.error, stderr)
    const saved = await saveResult(result.output, output)
    if (log !== 'json') {
      for (const line of table.credits()) say(line)
      say(`MP4  ${relative(folder, saved.mp4)}`)
      if (saved.srt !== undefined) say(`SRT  ${relative(folder, saved.srt)}`)
    }
    return 0
  } catch (error) {
    return explain(error, stderr)
  } finally {
    await history?.stop()
    if (!keep) await rm(storageFolder, { recursive: true, force: true })
  }
}

/** Bars where they can be drawn, or were asked for. */
function progressLog(mode: DemoOptions['log'], stdout: Program['stdout']): RunLog {
  if (mode === 'bars' || (mode === 'auto' && stdout.isTTY)) return createBars(stdout)
  return createConsoleLog({ mode: mode === 'json' ? 'json' : 'lines', stream: stdout })
}

function explain(error: unknown, stderr: NodeJS.WritableStream): number {
  stderr.write(`${describeFailure(error)}\n`)
  return TracksError.is(error) && error.code === 'cancelled' ? 130 : 1
}
