import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { LoggingTask } from './logging-process.ts'

/** A process that logs, until the test ends at the latest. `limit`: what a shell does before. */
export function startLogging(task: LoggingTask, limit = ':') {
  const program = fileURLToPath(new URL('logging-process.ts', import.meta.url))
  const command = [process.execPath, '--conditions=@track-orchestrator/source', '--import', 'tsx', program, JSON.stringify(task)]
  const child = spawn('sh', ['-c', `${limit} && exec "$@"`, 'sh', ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // A limit on files must not leave half a file in a cache that others read.
    env: { ...process.env, ...(limit !== ':' && { TSX_DISABLE_CACHE: '1' }) },
  })
  let said = ''
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  const ended = once(child, 'exit').then(([code, signal]) => ({ code: code as number | null, signal: signal as string | null, said }))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return {
    ended,
    /** Ids whose `write` came back. */
    written: () => readLedger(task.ledger),
    kill: async () => {
      child.kill('SIGKILL')
      return ended
    },
  }
}

/** Whole lines only: the process may have been killed within one. */
export function readLedger(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
}
