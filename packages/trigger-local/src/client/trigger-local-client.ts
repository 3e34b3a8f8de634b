import { stringifyIO, type RetrieveRunResponse } from '@trigger.dev/core/v3'
import type { Fault } from '../api/faults.ts'
import type { TriggerOptions } from '../engine/trigger-request.ts'
import { writeFault } from '../page/fault-text.ts'
import type { RunSummary, RunView } from '../page/run-views.ts'
import { callServer, type ServerAddress } from './call-server.ts'
import type { AnyTask, TaskId, TaskOutput, TaskPayload } from './task-types.ts'
import { cancel, waitForRun } from './trigger-and-wait.ts'
import { untilRun } from './until-run.ts'

/** How a run ended, as `runs.retrieve` of the SDK tells it; dates in payload and output are text. */
export type EndedRun<Output = unknown> = Omit<RetrieveRunResponse, 'output'> & { readonly output: Output | undefined }

/** One item of a batch. */
export interface BatchItem<T extends AnyTask = AnyTask> {
  readonly task: TaskId<T>
  readonly payload: TaskPayload<T>
  readonly options?: TriggerOptions
}

/** A running trigger-local, seen from a test or a program. Every call goes over HTTP, so one server serves many processes. */
export interface TriggerLocalClient extends ServerAddress {
  /** The page that shows the runs. */
  readonly pageUrl: string
  /** Triggers a task. Its type, `trigger<typeof myTask>('my-task', …)`, checks the payload. */
  readonly trigger: <T extends AnyTask = AnyTask>(task: TaskId<T>, payload: TaskPayload<T>, options?: TriggerOptions) => Promise<{ readonly id: string; readonly isCached: boolean }>
  /** Triggers a task and waits for its end, whatever that is: look at `status`, `output`, `error`. Rejects if it takes longer than `timeoutMs`, a minute by default. */
  readonly triggerAndWait: <T extends AnyTask = AnyTask>(task: TaskId<T>, payload: TaskPayload<T>, options?: TriggerOptions & { readonly timeoutMs?: number }) => Promise<EndedRun<TaskOutput<T>>>
  /** Triggers several tasks as one batch, and gives the ids of their runs once all exist. */
  readonly batch: <T extends AnyTask = AnyTask>(items: readonly BatchItem<T>[]) => Promise<{ readonly id: string; readonly runs: readonly string[] }>
  readonly runs: {
    /** The run with payload, output, error, states, logs, and the runs that it made. */
    readonly retrieve: (id: string) => Promise<RunView>
    /** The latest runs, newest first: those that nobody else made, or `all`. `limit` is 100 by default. */
    readonly list: (options?: { readonly limit?: number; readonly all?: boolean }) => Promise<RunSummary[]>
    /** Waits for the run's end. Rejects after `timeoutMs`, a minute by default. */
    readonly wait: (id: string, timeoutMs?: number) => Promise<EndedRun>
    /** Waits until the run waits for something: another run, a date, a token. That is the time to move time on. Rejects if it ends before. */
    readonly untilWaiting: (id: string, timeoutMs?: number) => Promise<RunView>
    /** Cancels the run, and what it made. */
    readonly cancel: (id: string) => Promise<void>
  }
  /**
   * Moves time on, `30d` or `2h30m` or milliseconds: waits, delays, times to live, timeouts of tokens and lifetimes of keys come
   * that much nearer, of all runs. Processes keep their clock: a wait that begins afterwards takes its whole length.
   */
  readonly advance: (duration: string | number) => Promise<void>
  /** Something is to go wrong with the next requests that match: an answer lost, a request refused, an HTTP status. */
  readonly fault: (fault: Fault) => Promise<void>
  /** Nothing goes wrong any more on purpose. */
  readonly clearFaults: () => Promise<void>
}

/** Talks to a trigger-local that runs. */
export function connectTriggerLocal({ url, secretKey }: ServerAddress): TriggerLocalClient {
  const server: ServerAddress = { url, secretKey }
  const call = <T>(method: string, path: string, body?: unknown) => callServer<T>(server, method, path, body)

  const trigger: TriggerLocalClient['trigger'] = async (task, payload, options = {}) => {
    const { data, dataType } = await stringifyIO(payload)
    return call('POST', `/api/v1/tasks/${encodeURIComponent(task)}/trigger`, { payload: data, options: { payloadType: dataType, ...options } })
  }
  const retrieve = async (id: string) => (await call<{ run: RunView }>('GET', `/local/v1/runs/${encodeURIComponent(id)}`)).run

  return {
    ...server,
    pageUrl: `${url}/#${secretKey}`,
    trigger,
    async triggerAndWait<T extends AnyTask>(task: TaskId<T>, payload: TaskPayload<T>, { timeoutMs, ...options }: TriggerOptions & { timeoutMs?: number } = {}) {
      const { id } = await trigger(task, payload, options)
      return (await waitForRun(server, id, timeoutMs)) as EndedRun<TaskOutput<T>>
    },
    async batch(items) {
      const { id } = await call<{ id: string }>('POST', '/api/v3/batches', { runCount: items.length })
      const lines = await Promise.all(items.map(async ({ task, payload, options }, index) => {
        const { data, dataType } = await stringifyIO(payload)
        return JSON.stringify({ index, task, payload: data, options: { payloadType: dataType, ...options } })
      }))
      await call('POST', `/api/v3/batches/${id}/items`, lines.join('\n'))
      return untilRun(async () => {
        const { runs } = await call<{ runs: string[] }>('GET', `/api/v2/batches/${id}`)
        return runs.length > 0 ? { id, runs } : undefined
      }, 60_000, () => `Batch ${id} is not expanded`)
    },
    runs: {
      retrieve,
      list: async ({ limit = 100, all = false } = {}) => (await call<{ runs: RunSummary[] }>('GET', `/local/v1/runs?limit=${limit}${all ? '&all' : ''}`)).runs,
      wait: (id, timeoutMs) => waitForRun(server, id, timeoutMs) as Promise<EndedRun>,
      untilWaiting: (id, timeoutMs = 60_000) => {
        let last: RunView | undefined
        return untilRun(async () => {
          last = await retrieve(id)
          if (last.hasEnded) throw new Error(`Run ${id} of ${last.task} ended as ${last.status} and waited for nothing`)
          return last.isWaiting || last.status === 'DELAYED' ? last : undefined
        }, timeoutMs, () => `Run ${id} of ${last?.task} is ${last?.status} and waits for nothing`)
      },
      cancel: (id) => cancel(server, id),
    },
    advance: async (duration) => void (await call('POST', '/local/v1/advance', { duration })),
    fault: async (fault) => void (await call('POST', '/local/v1/faults', writeFault(fault))),
    clearFaults: async () => void (await call('DELETE', '/local/v1/faults')),
  }
}
