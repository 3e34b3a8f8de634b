import { setTimeout as sleep } from 'node:timers/promises'
import { randomBytes } from 'node:crypto'
import type { CompletedWaitpoint, CreateBackgroundWorkerRequestBody, RunExecutionData, TaskRunError, TaskRunExecution } from '@trigger.dev/core/v3'
import type { ServerAddress } from '../client/call-server.ts'

type Manifest = CreateBackgroundWorkerRequestBody['metadata']
type Task = Manifest['tasks'][number]

/** One attempt in the hands of a fake worker: the test decides what it does, and when. */
export interface Attempt {
  readonly runId: string
  readonly number: number
  readonly payload: unknown
  readonly execution: TaskRunExecution
  succeed(output: unknown, rest?: object): Promise<AttemptStatus>
  fail(error?: TaskRunError, retry?: { delay: number }): Promise<AttemptStatus>
  /** Calls another task from inside; with `resumeParentOnCompletion` the run waits for it from then on. */
  trigger(task: string, payload: unknown, options?: object): Promise<{ id: string; isCached: boolean }>
  /** Calls several in one batch and waits for them. */
  batch(items: { task: string; payload?: unknown; options?: object }[], rest?: object): Promise<{ id: string }>
  /** Waits for a token. */
  waitFor(token: string): Promise<void>
  /** Looks until the run goes on, and tells what ended its wait. */
  resumed(): Promise<CompletedWaitpoint[]>
  /** The state of the run's execution, as the worker is told it. */
  state(): Promise<RunExecutionData>
}

/** What the server makes of an attempt's outcome. */
interface AttemptStatus { readonly attemptStatus: string; readonly run: { readonly status: string } }

/** A worker without processes, speaking the CLI's protocol over HTTP: quick, and in the test's hand. */
export interface FakeWorker {
  readonly version: string
  /** Takes the runs that are ready, and begins an attempt of each. */
  take(): Promise<Attempt[]>
  /** Takes runs until one is ready, and begins it. */
  takeOne(): Promise<Attempt>
  /** Takes runs until so many are begun. */
  takeMany(count: number): Promise<Attempt[]>
  /** Begins the next attempt of a run that stayed with this worker. */
  again(runId: string): Promise<Attempt>
}

const error: TaskRunError = { type: 'BUILT_IN_ERROR', name: 'Error', message: 'no luck', stackTrace: '' }

/** Registers the tasks as a new version, and gives the worker that runs them. A real server takes a hash that it knows for the version that it knows. */
export async function startFakeWorker(server: ServerAddress, tasks: (Partial<Task> & { id: string })[], projectRef = 'proj_test', more: Partial<Manifest> = {}): Promise<FakeWorker> {
  const metadata = { ...more, packageVersion: '4.8.3', contentHash: randomBytes(8).toString('hex'), tasks: tasks.map((task) => ({ filePath: 'tasks.ts', ...task })) }
  const { version } = await request<{ version: string }>(server, `/api/v1/projects/${projectRef}/background-workers`, { localOnly: true, metadata, engine: 'V2' })
  const begin = async (runId: string, snapshotId: string): Promise<Attempt> => {
    const { execution } = await request<{ execution: TaskRunExecution }>(server, `/engine/v1/dev/runs/${runId}/snapshots/${snapshotId}/attempts/start`, {})
    return attemptOf(server, version, execution)
  }
  const take = async () => {
    const { dequeuedMessages } = await request<{ dequeuedMessages: { run: { friendlyId: string }; snapshot: { friendlyId: string } }[] }>(server, '/engine/v1/dev/dequeue', { currentWorker: version, oldWorkers: [] })
    return Promise.all(dequeuedMessages.map(({ run, snapshot }) => begin(run.friendlyId, snapshot.friendlyId)))
  }
  return {
    version,
    take,
    async takeOne() {
      for (;;) {
        const [first, ...others] = await take()
        if (others.length > 0) throw new Error('More than one run was ready')
        if (first) return first
        await sleep(5)
      }
    },
    async takeMany(count) {
      const taken: Attempt[] = []
      while (taken.length < count) {
        taken.push(...(await take()))
        await sleep(5)
      }
      return taken
    },
    again: async (runId) => begin(runId, (await stateOf(server, runId)).snapshot.friendlyId),
  }
}

function attemptOf(server: ServerAddress, version: string, execution: TaskRunExecution): Attempt {
  const runId = execution.run.id
  const complete = async (completion: object): Promise<AttemptStatus> => {
    const { snapshot } = await stateOf(server, runId)
    const path = `/engine/v1/dev/runs/${runId}/snapshots/${snapshot.friendlyId}/attempts/complete`
    return (await request<{ result: AttemptStatus }>(server, path, { completion: { id: runId, ...completion } })).result
  }
  const inside = { parentRunId: runId, lockToVersion: version }
  return {
    runId,
    number: execution.attempt.number,
    payload: execution.run.payload === '' ? undefined : JSON.parse(execution.run.payload),
    execution,
    succeed: (output, rest = {}) => complete({ ok: true, output: JSON.stringify(output), outputType: 'application/json', ...rest }),
    fail: (thrown = error, retry) => complete({ ok: false, error: thrown, ...(retry && { retry: { timestamp: Date.now() + retry.delay, ...retry } }) }),
    trigger: (task, payload, options = {}) => request(server, `/api/v1/tasks/${task}/trigger`, { payload, options: { ...inside, ...options } }),
    async batch(items, rest = {}) {
      const batch = await request<{ id: string }>(server, '/api/v3/batches', { runCount: items.length, parentRunId: runId, resumeParentOnCompletion: true, ...rest })
      const lines = items.map((item, index) => ({ index, ...item, payload: JSON.stringify(item.payload), options: { lockToVersion: version, ...item.options } }))
      await request(server, `/api/v3/batches/${batch.id}/items`, lines.map((line) => JSON.stringify(line)).join('\n'))
      return batch
    },
    waitFor: (token) => request(server, `/engine/v1/runs/${runId}/waitpoints/tokens/${token}/wait`, {}),
    async resumed() {
      for (;;) {
        const { snapshot, completedWaitpoints } = await stateOf(server, runId)
        if (snapshot.executionStatus === 'EXECUTING' && completedWaitpoints.length > 0) return completedWaitpoints
        await sleep(5)
      }
    },
    state: () => stateOf(server, runId),
  }
}

async function stateOf(server: ServerAddress, runId: string): Promise<RunExecutionData> {
  return (await request<{ execution: RunExecutionData }>(server, `/engine/v1/dev/runs/${runId}/snapshots/latest`)).execution
}

/** Calls the server as the SDK would. A GET without a body, a POST with one: text as it is, anything else as JSON. Rejects with the server's message. */
export async function request<T = unknown>(server: ServerAddress, path: string, body?: unknown): Promise<T> {
  const response = await fetch(server.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${server.secretKey}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const answer = (await response.json()) as T & { error?: string }
  if (!response.ok) throw new Error(`${response.status} ${answer.error}`)
  return answer
}
