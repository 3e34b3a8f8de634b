import type { ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** How long the CLI gets to end by itself before it is killed. */
const graceMs = 10_000

/**
 * Ends the CLI, its process group, and the watchdog that it starts outside of that group; nothing else. A CLI that was killed
 * leaves its watchdog behind, which then reports the runs as lost: so the watchdog goes last.
 */
export async function endCli(child: ChildProcess, projectFolder: string): Promise<void> {
  const watchdog = await watchdogOf(child, projectFolder)
  if (isRunning(child)) {
    child.kill('SIGTERM')
    await exitWithin(child, graceMs)
  }
  // What is left of the group: the CLI if it did not listen, processes of runs in the middle of an attempt.
  sendSignal(-child.pid!, 'SIGKILL')
  if (isRunning(child)) await exitWithin(child, graceMs)
  if (watchdog !== undefined) sendSignal(watchdog, 'SIGTERM')
}

/** The watchdog's id as it wrote it down, if the session in the folder is still the child's. */
async function watchdogOf({ pid }: ChildProcess, projectFolder: string): Promise<number | undefined> {
  try {
    const lock = await readFile(join(projectFolder, '.trigger', 'dev.lock'), 'utf8')
    const written = await readFile(join(projectFolder, '.trigger', 'watchdog.pid'), 'utf8')
    return Number(lock) === pid ? Number(written.replace('trigger-watchdog:', '')) : undefined
  } catch {
    return undefined
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}

function exitWithin(child: ChildProcess, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Sends the signal to a process, or with a negative id to its group. One that has gone already is no error. */
export function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
