import type { OrchestratorResult, RunLimits, Runner, RunResult } from '@track-orchestrator/core'
import type { EngineUnderTest, StartOptions } from '@track-orchestrator/core/testing'
import type { Registry, TracksError } from '@track-orchestrator/registry'
import type { TriggerDevServer } from '@track-orchestrator/trigger-local'
import { configure, runs } from '@trigger.dev/sdk'
import { createClient, type Client, type RunState } from '../src/client/index.ts'

type Context = { readonly signal?: AbortSignal; readonly limits?: RunLimits }
type Run = { readonly id: string; readonly name: string }
/** The names and payloads of the suites are not known here. */
type AnyClient = Omit<Client<{}>, 'trigger'> & { readonly trigger: (name: string, payload: unknown, options?: StartOptions & { readonly limits?: RunLimits }) => Promise<Run> }

function clientOf(server: TriggerDevServer): AnyClient {
  configure({ baseURL: server.url, accessToken: server.secretKey })
  return createClient<{}>() as unknown as AnyClient
}

/** How a run ended, by all its states. */
async function resultOf({ subscribe }: AnyClient, run: Run, startedAt: number, timeoutMs: number): Promise<OrchestratorResult> {
  let last: RunState | undefined
  for await (const state of subscribe(run, { pollMs: 100, timeoutMs })) last = state
  const { metadata } = await runs.retrieve(run.id)
  const facts = { runId: run.id, startedAt, durationMs: Date.now() - startedAt, tracks: (metadata?.['tracks'] ?? {}) as OrchestratorResult['tracks'], ...(last?.costs && { costs: last.costs }) }
  if (last?.status === 'succeeded') return { ...facts, status: 'succeeded', output: last.output }
  return { ...facts, status: last?.status === 'cancelled' ? 'cancelled' : 'failed', error: (last as { error: TracksError }).error }
}

/** Begins runs as a backend does, and answers what they ask for. */
export function starterOf(server: TriggerDevServer, timeoutMs: number): NonNullable<EngineUnderTest['start']> {
  return async ({ name }, payload, options) => {
    const client = clientOf(server)
    const startedAt = Date.now()
    const run = await client.trigger(name, payload, options)
    return { ended: resultOf(client, run, startedAt, timeoutMs), answer: (step, value) => client.answer(run, step, value) }
  }
}

/** Runs definitions as a backend does that triggers them by name, with the client, and follows the runs that come of it. */
export function createRemoteRunner<R extends Registry>(server: TriggerDevServer, timeoutMs: number): Runner<R, Context> {
  const client = clientOf(server)
  const settle = async (name: string, payload: unknown, { signal, limits }: Context = {}): Promise<OrchestratorResult> => {
    const startedAt = Date.now()
    const run = await client.trigger(name, payload, limits && { limits })
    const onAbort = () => void client.cancel(run)
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    const result = await resultOf(client, run, startedAt, timeoutMs)
    signal?.removeEventListener('abort', onAbort)
    return result
  }
  const open = (result: RunResult): unknown => {
    if (result.status === 'succeeded') return result.output
    throw (result as { error: TracksError }).error
  }
  const settleNamed = (definition: { name: string }, payload: unknown, context?: Context) => settle(definition.name, payload, context)
  const runNamed = async (definition: { name: string }, payload: unknown, context?: Context) => open(await settleNamed(definition, payload, context))
  return {
    settleTrack: settleNamed,
    settleOrchestrator: settleNamed,
    settleSingleTask: settle,
    runTrack: runNamed,
    runOrchestrator: runNamed,
    runSingleTask: async (name: string, payload: unknown, context?: Context) => open(await settle(name, payload, context)),
  } as unknown as Runner<R, Context>
}
