import type { RetrieveRunResponse } from '@trigger.dev/core/v3'
import type { TriggerOptions } from '../engine/trigger-request.ts'
import { callServer, type ServerAddress } from './call-server.ts'
import { untilRun } from './until-run.ts'

export interface TriggerAndWaitOptions extends TriggerOptions {
  /** How long the run may take, in milliseconds. Default: 60 000. */
  readonly timeoutMs?: number
}

/** Triggers a task as a caller outside of Trigger.dev would, over HTTP. Gives the run's id. */
export async function trigger(server: ServerAddress, task: string, payload: unknown, options: TriggerOptions = {}): Promise<string> {
  const { id } = await callServer<{ id: string }>(server, 'POST', `/api/v1/tasks/${encodeURIComponent(task)}/trigger`, {
    payload, options: { payloadType: 'application/json', ...options },
  })
  return id
}

/** How many looks in a row may get no answer: five seconds of them. */
const mostLostInRow = 100

/** Waits until the run and its process have ended, and gives it with output, error and metadata. Rejects after the time limit. */
export async function waitForRun(server: ServerAddress, id: string, timeoutMs = 60_000): Promise<RetrieveRunResponse> {
  let last: RetrieveRunResponse | undefined
  let lostInRow = 0
  const look = async () => {
    // A look whose connection breaks off is no answer: the next one tells. A server that is gone answers none.
    last = await callServer<RetrieveRunResponse>(server, 'GET', `/api/v3/runs/${id}`).catch((error: unknown) => {
      if (!(error instanceof TypeError)) throw error
      lostInRow += 1
      if (lostInRow === mostLostInRow) throw new Error(`The server at ${server.url} does not answer any more: run ${id} cannot be waited for`, { cause: error })
      return undefined
    })
    if (last) lostInRow = 0
    // A cancelled run counts as completed before its process has stopped; only then has it finished.
    return last?.isCompleted && last.finishedAt ? last : undefined
  }
  return untilRun(look, timeoutMs, () => (last ? `Run ${id} of ${last.taskIdentifier} is ${last.status}` : `The server does not answer for run ${id}`))
}

/** Triggers a task and waits for its end, whatever that is. Rejects only if it cannot be triggered or takes too long. */
export async function triggerAndWait(server: ServerAddress, task: string, payload: unknown, { timeoutMs, ...options }: TriggerAndWaitOptions = {}): Promise<RetrieveRunResponse> {
  return waitForRun(server, await trigger(server, task, payload, options), timeoutMs)
}

/** Cancels the run, and so the runs that it made. */
export async function cancel(server: ServerAddress, id: string): Promise<void> {
  await callServer(server, 'POST', `/api/v2/runs/${id}/cancel`, {})
}
