#!/usr/bin/env node
import process from 'node:process'
import { runCommand } from './run-command.ts'

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

process.exitCode = await runCommand({ arguments: process.argv.slice(2), folder: process.cwd(), stdout: process.stdout, stderr: process.stderr, signal: signalOf() })
