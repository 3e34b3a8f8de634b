import { setTimeout as sleep } from 'node:timers/promises'
import { cancel, type TriggerCli, type TriggerDevServer } from '@track-orchestrator/trigger-local'
import { describeRun } from './run-table.ts'

export interface Following {
  readonly server: TriggerDevServer
  readonly cli: TriggerCli
  /** The run that was asked for. */
  readonly runId: string
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

const lookEveryMs = 100

/** Says a line for each run that ends, until the one that was asked for has. A stop cancels that run, so that its tasks tidy up. */
export async function followRuns({ server, cli, runId, signal, say }: Following): Promise<void> {
  for (let seen = 0; ; await sleep(lookEveryMs)) {
    for (; seen < server.events.length; seen++) {
      const { type, id } = server.events[seen]!
      const run = type === 'run.completed' && id !== undefined ? server.run(id) : undefined
      if (!run) continue
      const { task, status, duration } = describeRun(run)
      say(`${task.padEnd(32)} ${status.padEnd(10)} ${duration}`)
      if (id === runId) return
    }
    if (signal.aborted) {
      await cancel(server, runId)
      throw signal.reason
    }
    if (!isAlive(cli.pid)) throw new Error(`trigger dev ended before the run did. It printed:\n${cli.output()}`)
  }
}

/** What is awaited, unless the signal comes first. */
export function unlessStopped<Value>(awaited: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const stopped = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error)
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
  return Promise.race([awaited, stopped])
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
