import { randomUUID } from 'node:crypto'
import { basename, relative } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { runProgram as runTracks } from '@track-orchestrator/cli/program'
import { printable } from '@track-orchestrator/core/console'
import { createJournal } from '@track-orchestrator/core/in-process'
import { cleanUpRun, findFfmpeg } from '@track-orchestrator/media-tasks'
import { readLocalEnvironment, type LocalEnvironment } from '../local-environment.ts'
import { ProgramError } from '../program/describe-failure.ts'
import { prepareOutput, resultFiles, saveReport, saveResult } from '../program/output-files.ts'
import { runProgram, type Program } from '../program/program.ts'
import { noTranslator, orchestrators } from '../tracks.config.ts'
import { openStorage } from '../worker-tools.ts'
import { readDemoArguments, usage, type DemoArguments } from './arguments.ts'
import { creditsOf, stepTable } from './step-table.ts'
import { standIns, tracksCommand } from './stand-ins.ts'
import { verifyResult } from './verify-result.ts'

const config = fileURLToPath(new URL('../../tracks.config.ts', import.meta.url))

/** The demo as a program: `tracks run VoiceConversion`, or `TranslatedDubbing`, on nothing but this machine, and the result beside the person. Returns the exit code, as `tracks` does. */
export function runDemo(program: Program): Promise<number> {
  return runProgram(program, async () => {
    const asked = readDemoArguments(program.arguments, program.folder)
    if (asked) return convert(asked, { ...program, stdout: shownOn(program.stdout, asked.log) })
    program.stdout.write(`${usage}\n`)
    return 0
  })
}

/** The same stream, said to be a terminal or none: by that the command shows bars or lines. */
function shownOn(stdout: Program['stdout'], log: DemoArguments['log']): Program['stdout'] {
  return log === 'auto' ? stdout : ({ write: stdout.write.bind(stdout), isTTY: log === 'bars', columns: stdout.columns } as unknown as Program['stdout'])
}

/** A line for a person. JSON is read by a program: nothing else stands between its lines. */
const sayTo = ({ stdout }: Program, { log }: DemoArguments) => (line: string) => void (log === 'json' || stdout.write(`${line}\n`))

async function convert(asked: DemoArguments, program: Program): Promise<number> {
  const { env, stderr, signal } = program
  const say = sayTo(program, asked)
  const variables = standIns(asked.input, env)
  const command = tracksCommand(variables, env)
  const local = wellFormed(() => readLocalEnvironment({ ...env, ...variables }))
  const { translateTo } = asked.options
  if (translateTo !== undefined && !local.environment.speech.translator) throw new ProgramError(noTranslator, 2)
  await prepareOutput(asked.output, asked.input, local.folder)
  for (const note of (await findFfmpeg({ env })).notes) stderr.write(`${note}\n`)
  const database = asked.supabase ? await startDatabase(signal, say) : undefined
  try {
    // The configuration of the command reads them, when it is loaded by the first verb.
    Object.assign(process.env, variables, database && { SUPABASE_URL: database.url, SUPABASE_SERVICE_ROLE_KEY: database.serviceRoleKey })
    const tracks = (verb: readonly string[], input: object = {}) => runTracks({ ...program, command, configured: config, arguments: [...verb, '--config', config], stdin: Readable.from([JSON.stringify(input)]) })
    const runId = `demo-${randomUUID().slice(0, 8)}`
    say(`Should it be stopped, go on with it:  ${command} resume ${runId}`)
    const { name } = translateTo === undefined ? orchestrators.VoiceConversion : orchestrators.TranslatedDubbing
    const exitCode = await tracks(['run', name, '--input', '-', '--run-id', runId, ...(asked.log === 'json' ? ['--json'] : [])], { url: asked.url, ...asked.options })
    if (exitCode !== 0) return exitCode
    if (database && asked.log !== 'json') {
      say('\nIn the database:')
      await tracks(['show', runId, '--supabase'])
    }
    await handOver(asked, program, local, runId)
    return 0
  } finally {
    await database?.stop()
  }
}

/** Throws `ProgramError`, with the code that `tracks` ends with where its configuration cannot be loaded. */
function wellFormed<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    throw new ProgramError((error as Error).message, 3)
  }
}

async function startDatabase(signal: AbortSignal, say: (line: string) => void) {
  // Loaded only when asked for: who runs the demo without it needs no database.
  const { startLocalHistory } = await import('./local-history.ts')
  say('Starting a Supabase project on this machine …')
  const database = await startLocalHistory(signal)
  say(`It answers at ${database.url}`)
  return database
}

/** Puts what a run has made where it was asked for, measures it, and says what came of it. The run stays in the journal; what lies between its steps goes, unless it is to be kept. */
async function handOver(asked: DemoArguments, program: Program, { folder, environment }: LocalEnvironment, runId: string): Promise<void> {
  const { stdout, stderr, signal } = program
  const say = sayTo(program, asked)
  const here = (path: string) => relative(program.folder, path)
  const journal = createJournal({ folder })
  const [{ tenantId, projectId }, steps] = [await journal.read(runId), await journal.steps(runId)]
  const run = { runId, tenantId, projectId }
  say(`\n${stepTable(steps)}`)
  const output = steps.find(({ taskName }) => taskName === 'merge_audio_video')!.output as { readonly url: string; readonly srtUrl?: string; readonly notes?: readonly string[] }
  const { mp4, srt } = await saveResult(resultFiles(output, asked.options), asked.output)
  const converted = { run, output, steps, sourceUrl: asked.url, title: basename(mp4), hasBackground: (asked.options.background ?? 'none') !== 'none' }
  const { line, reportUrl } = await verifyResult(converted, { environment, stream: stdout, mode: asked.log === 'json' ? 'json' : 'lines', signal })
  const report = await saveReport(reportUrl, asked.output)
  for (const credit of creditsOf(steps)) say(credit)
  for (const note of output.notes ?? []) say(`Note       ${printable(note)}`)
  say(line)
  say(`MP4  ${here(mp4)}`)
  if (srt !== undefined) say(`SRT  ${here(srt)}`)
  if (report !== undefined) say(`HTML ${here(report)}`)
  if (asked.keep) stderr.write(`The files between the steps are kept in ${here(environment.storageFolder!)}\n`)
  else await cleanUpRun(openStorage(environment), { ...run, status: 'succeeded', output }, { cleanup: 'immediate', temporaryFolder: environment.temporaryFolder })
}
