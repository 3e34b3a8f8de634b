import { readFileSync } from 'node:fs'
import { runDev } from './dev-program.ts'
import { printable, type Program, UsageError } from './program.ts'
import { advanceTime, runTask } from './run-program.ts'

const usage = `trigger-local [--project folder] [--port n] [--env-file file]   a local Trigger.dev, and trigger dev against it
trigger-local run <task> key=value … [--wait] [--timeout 10m]   triggers a task in it; or --payload '<json>'
trigger-local advance <duration>                                what waits for a date comes that much nearer: 90s, 2h30m, 30d`

/** Runs what the arguments say, and gives the exit code: 2, and a line, where the program was used wrongly. */
export async function runCommand(program: Program): Promise<number> {
  try {
    return await run(program)
  } catch (error) {
    program.stderr.write(`trigger-local: ${printable(error instanceof UsageError ? error.message : ((error as Error).stack ?? String(error)))}\n`)
    return 2
  }
}

async function run(program: Program): Promise<number> {
  const [first, ...rest] = program.arguments
  const say = (text: string) => {
    program.stdout.write(`${text}\n`)
    return 0
  }
  if (first === '--help' || first === '-h' || first === 'help') return say(usage)
  if (first === '--version') return say((JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version)
  if (first === 'run') return runTask({ ...program, arguments: rest })
  if (first === 'advance') return advanceTime({ ...program, arguments: rest })
  if (first === 'dev') return runDev({ ...program, arguments: rest })
  if (first === undefined || first.startsWith('-')) return runDev(program)
  throw new UsageError(`There is no command ${JSON.stringify(first)}.\n${usage}`)
}
