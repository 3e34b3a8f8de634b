import type { RunExecutionData } from '@trigger.dev/core/v3'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { callServer, type ServerAddress } from '../client/call-server.ts'
import { trigger } from '../client/trigger-and-wait.ts'
import type { TriggerOptions } from '../engine/trigger-request.ts'
import { request, startFakeWorker, type Attempt, type FakeWorker } from '../testing/fake-worker.ts'

/** A server that the suite may use: its runs, queues and versions are the suite's while it runs. */
export interface PlatformServer extends ServerAddress {
  /** The project's ref, which a real server knows the key to be of. Default: any. */
  readonly projectRef?: string
}

/** One behaviour of Trigger.dev's server, and what shows it. */
export interface PlatformRow {
  /** As it stands in the README's table. */
  readonly behaviour: string
  readonly check: (platform: Platform) => Promise<void>
}

/** What a row has at hand: the server, and names that no other row has, so that one environment serves them all. */
export interface Platform extends ServerAddress {
  /** The name, made the row's own: tasks, queues and keys last for weeks. */
  readonly own: (name: string) => string
  /** Registers tasks of these names, and gives a worker for them. */
  readonly worker: (tasks: readonly (string | Parameters<typeof startFakeWorker>[1][number])[]) => Promise<FakeWorker>
  /** Triggers a task of this name from outside. Gives the run's id. */
  readonly trigger: (task: string, payload: unknown, options?: TriggerOptions) => Promise<string>
  /** Registers `parent` and the tasks, and begins a run of `parent`. */
  readonly parent: (tasks: readonly string[]) => Promise<{ readonly worker: FakeWorker; readonly parent: Attempt }>
  readonly request: <T = unknown>(path: string, body?: unknown) => Promise<T>
  /** Looks until the run is as the caller wants it. */
  readonly until: <T extends object>(path: string, accepts: (seen: T) => boolean) => Promise<T>
}

/** What a row sees of the server, and what ends the runs that it left. */
export function createPlatform({ url, secretKey, projectRef }: PlatformServer): { readonly platform: Platform; readonly end: () => Promise<void> } {
  const server: ServerAddress = { url, secretKey }
  const scope = randomBytes(5).toString('hex')
  const begun = new Set<string>()
  const own = (name: string) => `${scope}-${name}`
  const ask = <T>(path: string, body?: unknown) => request<T>(server, path, body)

  const worker: Platform['worker'] = async (tasks) => {
    const made = await startFakeWorker(server, tasks.map((task) => (typeof task === 'string' ? { id: own(task) } : { ...task, id: own(task.id) })), projectRef)
    const noted = <T extends Attempt>(attempt: T): T => {
      begun.add(attempt.runId)
      return attempt
    }
    return {
      ...made,
      take: async () => (await made.take()).map(noted),
      takeOne: async () => noted(await made.takeOne()),
      takeMany: async (count) => (await made.takeMany(count)).map(noted),
    }
  }
  const start: Platform['trigger'] = async (task, payload, options) => {
    const id = await trigger(server, own(task), payload, options)
    begun.add(id)
    return id
  }
  const platform: Platform = {
    ...server, own, worker, trigger: start, request: ask,
    async parent(tasks) {
      const its = await worker(['parent', ...tasks])
      await start('parent', 0)
      return { worker: its, parent: await its.takeOne() }
    },
    async until(path, accepts) {
      for (;;) {
        const seen = await ask<Parameters<typeof accepts>[0]>(path)
        if (accepts(seen)) return seen
        await sleep(50)
      }
    },
  }
  return {
    platform,
    // As the command's watchdog does it for a command that died: nothing is left that holds a place in a queue.
    end: async () => void (await callServer(server, 'POST', '/engine/v1/dev/disconnect', { runFriendlyIds: [...begun] })),
  }
}

/** The state of a run's execution. */
export function stateOf({ snapshot }: RunExecutionData): string {
  return snapshot.executionStatus
}
