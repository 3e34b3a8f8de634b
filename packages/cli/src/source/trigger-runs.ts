import type { JournaledStep } from '@track-orchestrator/core/in-process'
import { errorToJson } from '@track-orchestrator/registry'
import type { LoadedConfig } from '../config/load-config.ts'
import { openPart } from '../config/open-part.ts'
import type { RemoteQuery, RemoteRuns, RemoteState, RemoteStep, RemoteTimes } from '../config/remote-runs.ts'
import { CommandError, exitCodes } from '../exit.ts'
import { findByIdOrLast, type RunQuery, type RunSource, type ShownRun } from './run-source.ts'

/** The client of the configuration. Throws `CommandError`. */
export async function remoteOf(loaded: LoadedConfig): Promise<RemoteRuns> {
  const client = await openPart(loaded, 'trigger')
  if (!client) throw new CommandError(`${loaded.path} names no Trigger.dev: give it trigger: () => createClient() (@track-orchestrator/trigger-engine/client). TRIGGER_SECRET_KEY and TRIGGER_API_URL say which.`, exitCodes.config)
  return client
}

/** Runs on Trigger.dev, and the steps that each of them started. */
export function triggerRuns(client: RemoteRuns): RunSource {
  const list: RunSource['list'] = async (query, limit) => (await client.list({ limit, ...remoteQuery(query) })).map((run) => shown(run, run.tags))
  return {
    name: 'trigger',
    list,
    find: findByIdOrLast(list, 'There are no runs on this Trigger.dev yet: begin one with tracks run --engine trigger.'),
    async read(runId) {
      const [state, steps] = await Promise.all([client.retrieve(runId), client.steps(runId)])
      return { run: { ...shown(state, []), ...(state.error && { error: errorToJson(state.error) }), ...(state.costs && { costs: state.costs.total }) }, steps: steps.map(stepOf), events: [] }
    },
  }
}

/** What the client's own query says of one. Throws `CommandError` for a status that no run there has. */
export function remoteQuery({ status, from, name, tenant, project }: RunQuery): RemoteQuery {
  if (status === 'interrupted' || status === 'damaged') throw new CommandError(`Trigger.dev tells of runs that are queued, running, waiting, succeeded, failed or cancelled, not ${status}.`)
  return { ...(status && { status }), ...(name !== undefined && { name }), ...(tenant !== undefined && { tenantId: tenant }), ...(project !== undefined && { projectId: project }), ...(from > 0 && { since: new Date(from) }) }
}

function shown({ id, name, status, createdAt, startedAt = createdAt, finishedAt }: RemoteTimes & Pick<RemoteState, 'id' | 'name' | 'status' | 'createdAt'>, tags: readonly string[]): ShownRun {
  const tagged = (key: string) => tags.find((tag) => tag.startsWith(`${key}:`))?.slice(key.length + 1) ?? ''
  return { runId: id, name, status, tenantId: tagged('tenant'), projectId: tagged('project'), startedAt: startedAt.getTime(), ...(finishedAt && { endedAt: finishedAt.getTime() }) }
}

function stepOf({ path, track, step, taskName, nested, status, attempts, startedAt, finishedAt, error, costs }: RemoteStep): JournaledStep {
  const ended = status === 'succeeded' || status === 'failed' || status === 'cancelled'
  return {
    ...{ path, track, step, taskName, nested, attempts, begun: 1, status: status === 'succeeded' ? status : ended ? 'failed' : 'running', startedAt: (startedAt ?? finishedAt ?? new Date()).getTime() },
    ...(ended && finishedAt && { endedAt: finishedAt.getTime() }),
    ...(error && { error: errorToJson(error) }),
    ...(costs && { costs }),
  }
}
