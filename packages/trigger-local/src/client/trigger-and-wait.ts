import { setTimeout as sleep } from 'node:timers/promises'
import type { RetrieveRunResponse } from '@trigger.dev/core/v3'
import type { TriggerOptions } from '../engine/trigger-request.ts'
import type { TriggerDevServer } from '../server/start-trigger-dev-server.ts'

export interface TriggerAndWaitOptions extends TriggerOptions {
  /** How long the run may take, in milliseconds. Default: 60 000. */
  readonly timeoutMs?: number
}

/** How often a run is looked at, in milliseconds. */
const lookEveryMs = 50

/** Triggers a task as a caller outside of Trigger.dev would, over HTTP. Gives the run's id. */
export async function trigger(server: TriggerDevServer, task: string, payload: unknown, options: TriggerOptions = {}): Promise<string> {
  const { id } = await call<{ id: string }>(server, 'POST', `/api/v1/tasks/${encodeURIComponent(task)}/trigger`, {
    payload, options: { payloadType: 'application/json', ...options },
  })
  return id
}

/** Waits until the run and its process have ended, and gives it with output, error and metadata. Rejects after the time limit. */
export async function waitForRun(server: TriggerDevServer, id: string, timeoutMs = 60_000): Promise<RetrieveRunResponse> {
  const lastLook = Date.now() + timeoutMs
  for (;;) {
    // A look whose connection breaks off is no answer: the next one tells.
    const run = await call<RetrieveRunResponse>(server, 'GET', `/api/v3/runs/${id}`).catch((error: unknown) => {
      if (error instanceof TypeError && Date.now() < lastLook) return undefined
      throw error
    })
    // A cancelled run counts as completed before its process has stopped; only then has it finished.
    if (run?.isCompleted && run.finishedAt) return run
    if (run && Date.now() > lastLook) throw new Error(`Run ${id} of ${run.taskIdentifier} is ${run.status} after ${timeoutMs} ms`)
    await sleep(lookEveryMs)
  }
}

/** Triggers a task and waits for its end, whatever that is. Rejects only if it cannot be triggered or takes too long. */
export async function triggerAndWait(server: TriggerDevServer, task: string, payload: unknown, { timeoutMs, ...options }: TriggerAndWaitOptions = {}): Promise<RetrieveRunResponse> {
  return waitForRun(server, await trigger(server, task, payload, options), timeoutMs)
}

/** Cancels the run, and so the runs that it made. */
export async function cancel(server: TriggerDevServer, id: string): Promise<void> {
  await call(server, 'POST', `/api/v2/runs/${id}/cancel`, {})
}

async function call<T>(server: TriggerDevServer, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${server.secretKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}
