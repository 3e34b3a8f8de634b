import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ProcessOwner } from './process-owner.ts'

/**
 * The shell starts the server and reads its own standard input: each line is a signal to hand on, the end means stop.
 * The input ends too when this process dies, however it dies, and so no server outlives it.
 */
const keeper = 'stop=$1; shift; "$@" </dev/null & child=$!; while read -r signal; do kill -s "$signal" "$child"; done; kill -s "$stop" "$child" 2>/dev/null; wait "$child"'

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

/** Starts a server and waits until `isReady` says so; throws with the end of its log if that takes longer than 30 s. */
export async function startServer(command: ServerCommand, isReady: () => Promise<boolean>): Promise<ServerProcess> {
  const { program, args = [], env = {}, owner, stopSignal, logFile } = command
  const log = openSync(logFile, 'a')
  const shell = spawn('/bin/sh', ['-c', keeper, 'sh', stopSignal, program, ...args], {
    ...owner,
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['pipe', log, log],
  })
  closeSync(log)
  const ended = once(shell, 'exit')
  shell.stdin?.on('error', () => {})
  const server: ServerProcess = {
    signal: (name) => void shell.stdin?.write(`${name}\n`),
    stop: async () => {
      shell.stdin?.end()
      await ended
    },
  }
  try {
    await waitUntil(isReady)
    return server
  } catch {
    await server.stop()
    const end = (await readFile(logFile, 'utf8')).trim().split('\n').slice(-5).join('\n')
    throw new Error(`${program} did not get ready. The end of its log:\n${end}`)
  }
}

/** Asks every 20 ms; throws after `limitMs`. What throws is not ready. */
export async function waitUntil(isReady: () => Promise<boolean>, limitMs = 30_000): Promise<void> {
  const limit = Date.now() + limitMs
  while (!(await isReady().catch(() => false))) {
    if (Date.now() > limit) throw new Error(`Not ready after ${limitMs} ms.`)
    await sleep(20)
  }
}
