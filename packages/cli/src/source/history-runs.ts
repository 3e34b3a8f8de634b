import type { RunEvent } from '@track-orchestrator/core'
import type { JournaledStep } from '@track-orchestrator/core/in-process'
import { addCosts, ContractError, type Costs } from '@track-orchestrator/registry'
import type { History, HistoryRun, HistoryStep } from '../config/history.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { openPart } from '../config/open-part.ts'
import { CommandError, exitCodes } from '../exit.ts'
import { findByIdOrLast, type RunSource, type ShownRun } from './run-source.ts'

/** The history that the configuration names, and whose runs are asked for. Throws `CommandError`. */
export async function historyOf(loaded: LoadedConfig, tenant: string | undefined): Promise<{ readonly reader: History; readonly tenantId: string }> {
  const tenantId = tenant ?? loaded.config.defaults?.['tenantId']
  if (typeof tenantId !== 'string' || tenantId === '') throw new CommandError('Say whose runs: --tenant <id>.')
  const reader = await openPart(loaded, 'history')
  if (!reader) throw new CommandError(`${loaded.path} names no history: give it history: () => createRunReader(client) (@track-orchestrator/supabase-logger), and what the client needs.`, exitCodes.config)
  return { reader, tenantId }
}

/** As many as a page of the history has. */
const pageSize = 100

/** The runs of a tenant as their log wrote them. Of steps it tells how they went, not what they were given and made. */
export function historyRuns({ reader, tenantId }: { readonly reader: History; readonly tenantId: string }): RunSource {
  const list: RunSource['list'] = async ({ status, from, name, project }, limit) => {
    if (status === 'interrupted' || status === 'queued' || status === 'waiting' || status === 'damaged') throw new CommandError(`A history tells of runs that are running, succeeded, failed or cancelled, not ${status}.`)
    const found: ShownRun[] = []
    let after: string | undefined
    do {
      const page = await reader.listRuns({ tenantId, limit: Math.min(pageSize, limit), ...(status && { status }), ...(name !== undefined && { name }), ...(after !== undefined && { after }) })
      const recent = page.runs.filter(({ startedAt }) => startedAt >= from)
      found.push(...recent.map(shown).filter((run) => project === undefined || run.projectId === project))
      after = recent.length < page.runs.length ? undefined : page.next
    } while (after !== undefined && found.length < limit)
    return found.slice(0, limit)
  }
  return {
    name: 'supabase',
    list,
    find: findByIdOrLast(list, `The history holds no run of ${tenantId}.`),
    async read(runId) {
      const found = await reader.readRun({ tenantId, runId }).catch((error: unknown) => {
        if (ContractError.is(error)) return undefined // an id that no run can have
        throw error
      })
      if (!found) throw new CommandError(`The history holds no run ${JSON.stringify(runId)} of ${tenantId}: give its whole id, or last. (tracks runs --supabase lists them)`, exitCodes.journal)
      const { steps, ...run } = found
      const events: RunEvent[] = []
      for await (const event of reader.readEvents({ tenantId, runId })) events.push(event)
      const { total, ofSteps } = costsIn(events)
      return { run: { ...shown(run), ...(total && { costs: total }) }, steps: steps.flatMap(stepOf).map((step) => ({ ...step, ...(ofSteps.has(step.path) && { costs: ofSteps.get(step.path)! }) })), events }
    },
  }
}

/** What a run has paid in all, and each of its steps every time it ran, as the events tell. */
function costsIn(events: readonly RunEvent[]): { readonly total: Costs | undefined; readonly ofSteps: ReadonlyMap<string, Costs> } {
  const ofSteps = new Map<string, Costs>()
  let total: Costs | undefined
  for (const event of events) {
    if (!('costs' in event) || !event.costs) continue
    if (event.type === 'step.succeeded' || event.type === 'step.failed') ofSteps.set(event.path, addCosts(ofSteps.get(event.path), event.costs))
    else if (event.type.startsWith('run.')) total = event.costs
  }
  return { total, ofSteps }
}

const shown = ({ runId, name, kind, status, tenantId, projectId, startedAt, endedAt, error }: HistoryRun): ShownRun => ({ runId, name, ...(kind && { kind }), status, tenantId, projectId, startedAt, ...(endedAt !== undefined && { endedAt }), ...(error && { error }) })

/** What was skipped was never begun. */
function stepOf({ path, track, step, taskName, nested, status, attempt = 1, startedAt, endedAt, error }: HistoryStep): JournaledStep[] {
  if (status === 'skipped') return []
  return [{ path, track, step, taskName, nested, status, attempts: attempt, startedAt, begun: 1, ...(endedAt !== undefined && { endedAt }), ...(error && { error }) }]
}
