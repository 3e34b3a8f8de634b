import type { OrchestratorResult, Runner, RunResult } from '@track-orchestrator/core'
import type { Registry, TracksError } from '@track-orchestrator/registry'
import { cancel, trigger, waitForRun, type TriggerDevServer } from '@track-orchestrator/trigger-local'
import type { EngineUnderTest } from '@track-orchestrator/core/testing'
import { configure } from '@trigger.dev/sdk'
import { createClient } from '../src/client/index.ts'
import { openOutput } from '../src/crossing/open-output.ts'
import { errorOfRun } from '../src/crossing/trigger-error.ts'

type Context = { readonly signal?: AbortSignal }

async function resultOf(run: Awaited<ReturnType<typeof waitForRun>>, startedAt: number): Promise<OrchestratorResult> {
  const facts = { runId: run.id, startedAt, durationMs: Date.now() - startedAt, tracks: (run.metadata?.['tracks'] ?? {}) as OrchestratorResult['tracks'] }
  if (run.isSuccess) return { ...facts, status: 'succeeded', output: await openOutput(run) }
  return { ...facts, status: run.status === 'CANCELED' ? 'cancelled' : 'failed', error: errorOfRun(run) }
}

/** Begins runs as a backend does, and answers what they ask for. */
export function starterOf(server: TriggerDevServer, timeoutMs: number): NonNullable<EngineUnderTest['start']> {
  return async ({ name }, payload) => {
    configure({ baseURL: server.url, accessToken: server.secretKey })
    const client = createClient()
    const runId = await trigger(server, name, payload)
    return { ended: waitForRun(server, runId, timeoutMs).then((run) => resultOf(run, Date.now())), answer: (step, value) => client.answer(runId, step, value) }
  }
}

/** Runs definitions as a backend does that triggers them by name, and reads the runs that come of it. */
export function createRemoteRunner<R extends Registry>(server: TriggerDevServer, timeoutMs: number): Runner<R, Context> {
  const settle = async (name: string, payload: unknown, context: Context = {}): Promise<OrchestratorResult> => {
    const startedAt = Date.now()
    const runId = await trigger(server, name, payload)
    const onAbort = () => void cancel(server, runId)
    context.signal?.addEventListener('abort', onAbort, { once: true })
    const run = await waitForRun(server, runId, timeoutMs)
    context.signal?.removeEventListener('abort', onAbort)
    return resultOf(run, startedAt)
  }
  const open = (result: RunResult): unknown => {
    if (result.status === 'succeeded') return result.output
    throw (result as { error: TracksError }).error
  }
  const settleNamed = (definition: { name: string }, payload: unknown, context?: Context) => settle(definition.name, payload, context)
  /** A task answers its envelope; what a caller of `runSingleTask` gets is what stands in it. */
  const settleSingleTask = async (name: string, payload: unknown, context?: Context) => {
    const result = await settle(name, payload, context)
    return result.status === 'succeeded' ? { ...result, output: (result.output as { results: unknown }).results } : result
  }
  return {
    settleTrack: settleNamed,
    settleOrchestrator: settleNamed,
    settleSingleTask,
    runTrack: async (definition: { name: string }, payload: unknown, context?: Context) => open(await settleNamed(definition, payload, context)),
    runOrchestrator: async (definition: { name: string }, payload: unknown, context?: Context) => open(await settleNamed(definition, payload, context)),
    runSingleTask: async (name: string, payload: unknown, context?: Context) => open(await settleSingleTask(name, payload, context)),
  } as unknown as Runner<R, Context>
}
