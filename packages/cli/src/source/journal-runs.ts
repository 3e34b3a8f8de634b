import { eventsIn, type Journal, type RunFilter } from '@track-orchestrator/core/in-process'
import { errorToJson } from '@track-orchestrator/registry'
import { adviceOnName } from '@track-orchestrator/registry/options'
import type { Shower } from '../show/shower.ts'
import { findRun } from './find-run.ts'
import type { RunQuery, RunSource, ShownRun } from './run-source.ts'

/** The runs of the journal: whether one runs, or was interrupted, is told by its lock. */
export function journalRuns(journal: Journal): RunSource {
  return {
    name: 'journal',
    find: (said) => findRun(journal, said),
    list: async (query, limit) => (await runsOfJournal(journal, query)).slice(0, limit),
    async read(runId) {
      const { records, payload, fork, ...head } = await journal.read(runId)
      const [run] = await withStatus(journal, [head])
      return { run: run!, payload, ...(fork && { fork }), steps: await journal.steps(runId), events: eventsIn(records), records }
    },
    questions: (runId) => journal.questions(runId),
  }
}

/** Those that the journal can read, and those that are damaged, wherever no other status was asked for. */
export async function runsOfJournal(journal: Journal, query: RunQuery): Promise<ShownRun[]> {
  const { status, ...rest } = query
  const filter = status === 'damaged' ? journalFilter(rest) : journalFilter(query)
  if (!filter) return []
  const damaged: ShownRun[] = []
  const runs = await journal.list(filter, { onDamaged: ({ name = '', tenantId = '', projectId = '', error, ...run }) => damaged.push({ name, tenantId, projectId, ...run, status: 'damaged', error: errorToJson(error) }) })
  if (status === 'damaged') return damaged
  const shown = await withStatus(journal, runs)
  return status === undefined ? [...shown, ...damaged].toSorted((a, b) => b.startedAt - a.startedAt) : shown
}

/** What a journal's own filter says of a query. Nothing where it asks for what no run is that a journal can read: queued, waiting, or damaged. */
export function journalFilter({ status, from, name, tenant, project }: RunQuery): RunFilter | undefined {
  if (status === 'queued' || status === 'waiting' || status === 'damaged') return undefined
  return { since: from, ...(status && { status }), ...(name !== undefined && { name }), ...(tenant !== undefined && { tenantId: tenant }), ...(project !== undefined && { projectId: project }) }
}

/** Where a filter found nothing: which name, tenant or project no run of the journal has, and what the nearest is. */
export async function tellUnknown(show: Shower, journal: Journal, { name, tenant, project }: Pick<RunQuery, 'name' | 'tenant' | 'project'>): Promise<void> {
  const damaged: Pick<ShownRun, 'name' | 'tenantId' | 'projectId'>[] = []
  const whole = await journal.list({}, { onDamaged: ({ name: called = '', tenantId = '', projectId = '' }) => damaged.push({ name: called, tenantId, projectId }) })
  const runs = [...whole, ...damaged]
  const asked = [['name', name, runs.map((run) => run.name)], ['tenant', tenant, runs.map((run) => run.tenantId)], ['project', project, runs.map((run) => run.projectId)]] as const
  for (const [what, said, all] of asked) {
    const known = [...new Set(all)].filter((one) => one !== '')
    if (said !== undefined && known.length > 0 && !known.includes(said)) show.note(`No run of the journal has the ${what} ${JSON.stringify(said)}. ${adviceOnName(said, known)}`)
  }
}

const withStatus = (journal: Journal, runs: Awaited<ReturnType<Journal['list']>>): Promise<ShownRun[]> =>
  Promise.all(runs.map(async (run): Promise<ShownRun> => ({ ...run, status: run.status === 'open' ? ((await journal.isRunning(run.runId)) ? 'running' : 'interrupted') : run.status })))
