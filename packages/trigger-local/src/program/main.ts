#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { runDev } from './dev-program.ts'
import { printable, type Program, UsageError } from './program.ts'
import { advanceTime, runTask } from './run-program.ts'

const usage = `trigger-local [--project folder] [--port n] [--env-file file]   a local Trigger.dev, and trigger dev against it
trigger-local run <task> key=value … [--wait] [--timeout 10m]   triggers a task in it; or --payload '<json>'
trigger-local advance <duration>                                what waits for a date comes that much nearer: 90s, 2h30m, 30d`

/** A second Ctrl-C ends at once. */
function signalOf(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      controller.abort()
      process.once(name, () => process.exit(130))
    })
  }
  return controller.signal
}

async function main([first, ...rest]: readonly string[]): Promise<number> {
  const program: Program = { arguments: rest, folder: process.cwd(), stdout: process.stdout, stderr: process.stderr, signal: signalOf() }
  if (first === '--help' || first === '-h' || first === 'help') return say(usage)
  if (first === '--version') return say((JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version)
  if (first === 'run') return runTask(program)
  if (first === 'advance') return advanceTime(program)
  if (first === 'dev') return runDev(program)
  if (first === undefined || first.startsWith('-')) return runDev({ ...program, arguments: first === undefined ? [] : [first, ...rest] })
  throw new UsageError(`There is no command ${JSON.stringify(first)}.\n${usage}`)
}

function say(text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`trigger-local: ${printable(error instanceof UsageError ? error.message : ((error as Error).stack ?? String(error)))}\n`)
  process.exitCode = 2
}
