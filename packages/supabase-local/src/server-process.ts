import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ProcessOwner } from './process-owner.ts'

/**
 * The shell starts the server, and beside it a reader of its own standard input: each line is a signal to hand on, the end means stop.
 * The input ends too when this process dies, however it dies, and so no server outlives it. The shell ends when the server does, and as it does.
 */
const keeper = `
stop=$1; shift
"$@" </dev/null & server=$!
exec 3<&0
{ while read -r signal; do kill -s "$signal" "$server"; done; kill -s "$stop" "$server" 2>/dev/null; } <&3 & reader=$!
exec 3<&- </dev/null
wait "$server"; code=$?
kill "$reader" 2>/dev/null
exit "$code"`

export interface ServerCommand {
  readonly program: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly owner: ProcessOwner
  /** What stops it, without `SIG`. */
  readonly stopSignal: 'QUIT' | 'TERM'
  readonly logFile: string
}

/** A server that runs until `stop`, or until this process ends. */
export interface ServerProcess {
  signal(name: 'USR1' | 'HUP'): void
  /** Resolves when it has ended. */
  stop(): Promise<void>
}

/** Starts a server and waits until `isReady` says so. Throws with the end of its log as soon as it ends before that, or where it takes longer than 30 s. */
export async function startServer(command: ServerCommand, isReady: () => Promise<boolean>): Promise<ServerProcess> {
  const { program, args = [], env = {}, owner, stopSignal, logFile } = command
  const log = openSync(logFile, 'a')
  const shell = spawn('/bin/sh', ['-c', keeper, 'sh', stopSignal, program, ...args], {
    ...owner,
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['pipe', log, log],
    // In a process group of its own: Ctrl+C in the terminal is for whoever started it, who stops it then.
    detached: true,
  })
  closeSync(log)
  const ended = Promise.race([
    once(shell, 'exit').then(([code]) => `it ended with ${String(code)}`),
    once(shell, 'error').then(([error]) => (error as Error).message),
  ])
  shell.stdin?.on('error', () => {})
  const server: ServerProcess = {
    signal: (name) => void shell.stdin?.write(`${name}\n`),
    stop: async () => {
      shell.stdin?.end()
      await ended
    },
  }
  const giveUp = new AbortController()
  const why = await Promise.race([ended, waitUntil(isReady, 30_000, giveUp.signal).then(() => undefined, (error: Error) => error.message)])
  giveUp.abort()
  if (why === undefined) return server
  await server.stop()
  const end = (await readFile(logFile, 'utf8')).trim().split('\n').slice(-5).join('\n')
  throw new Error(`${basename(program)} did not start: ${why}. The end of its log:\n${end}`)
}

/** Asks every 20 ms; throws after `limitMs`. What throws is not ready. Ends without an error once the signal is aborted. */
export async function waitUntil(isReady: () => Promise<boolean>, limitMs = 30_000, signal?: AbortSignal): Promise<void> {
  const limit = Date.now() + limitMs
  while (!signal?.aborted && !(await isReady().catch(() => false))) {
    if (Date.now() > limit) throw new Error(`it was not ready after ${limitMs / 1000} s`)
    await sleep(20)
  }
}
