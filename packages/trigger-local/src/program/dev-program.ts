import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startTriggerCli, type TriggerCli } from '../command/start-trigger-cli.ts'
import { cliEntry } from '../command/cli-entry.ts'
import { projectFolderOf } from '../local/trigger-local-options.ts'
import { startTriggerDevServer } from '../server/start-trigger-dev-server.ts'
import { type Program, UsageError } from './program.ts'
import { findSession, keptFolder, removeSession, writeSession } from './session-file.ts'

/** `trigger-local`: the server, and the real `trigger dev` against it, until the person ends them. Returns the exit code. */
export async function runDev(program: Program): Promise<number> {
  const { stdout, stderr, signal } = program
  const { project, port, envFile } = readArguments(program)
  const running = await findSession(project)
  if (running) throw new UsageError(`trigger-local runs here already, at ${running.url} (process ${running.pid}).`)
  const stateFile = join(keptFolder(project), 'state.json')
  const server = await startTriggerDevServer({ port, stateFile, log: (line) => stderr.write(`${line}\n`) }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? new UsageError(`Port ${port} is taken. Name another by --port, or leave it away.`, { cause: error }) : error
  })
  writeSession(project, { url: server.url, secretKey: server.secretKey, pid: process.pid })
  stdout.write(`A local Trigger.dev at ${server.url}, and its runs at\n  ${server.pageUrl}\nTrigger a task from another terminal: npx trigger-local run <task> key=value --wait\nThe SDK outside of tasks: TRIGGER_API_URL=${server.url} TRIGGER_SECRET_KEY=${server.secretKey}\n`)
  let cli: TriggerCli | undefined
  try {
    cli = await startTriggerCli({
      projectFolder: project, server, session: stdout.isTTY ? 'own in colours' : 'own', readyTimeoutMs: 600_000,
      onOutput: (text) => stdout.write(text), ...(envFile !== undefined && { envFile }),
    })
    const stopped = new Promise<'stopped'>((done) => signal.aborted ? done('stopped') : signal.addEventListener('abort', () => done('stopped'), { once: true }))
    if ((await Promise.race([cli.ended.then(() => 'ended' as const), stopped])) === 'stopped') return 0
    throw new UsageError(`trigger dev has ended: ${reasonIn(cli.output())}`)
  } finally {
    await cli?.stop()
    await server.close()
    removeSession(project)
  }
}

function readArguments({ arguments: given, folder }: Program): { project: string; port: number; envFile: string | undefined } {
  const { values } = parseOptions(given)
  const port = Number(values.port ?? 0)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new UsageError(`--port is a number up to 65535, not ${values.port}`)
  try {
    const project = projectFolderOf(resolve(folder, values.project ?? '.'))
    // Told before anything is started.
    cliEntry(project)
    return { project, port, envFile: values['env-file'] === undefined ? undefined : resolve(folder, values['env-file']) }
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error })
  }
}

function parseOptions(given: readonly string[]) {
  try {
    return parseArgs({ args: [...given], options: { project: { type: 'string' }, port: { type: 'string' }, 'env-file': { type: 'string' } } })
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}. trigger-local takes --project, --port and --env-file.`, { cause: error })
  }
}

/** The line in which the command says why it ends, without its colours. */
function reasonIn(output: string): string {
  // oxlint-disable-next-line no-control-regex
  const lines = output.replaceAll(/\u001b\[[\d;]*m/g, '').split('\n').map((line) => line.trim()).filter(Boolean)
  return lines.findLast((line) => /^(X Error|Error|\w*Error):/.test(line))?.replace(/^(X )?Error: */, '') ?? lines.at(-1) ?? 'it printed nothing'
}
