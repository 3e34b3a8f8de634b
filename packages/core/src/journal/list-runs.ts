import { readdir } from 'node:fs/promises'
import { DefinitionError } from '@track-orchestrator/registry'
import { checkOptions, oneOf, refuse, type Rule, type RulesOf, text } from '@track-orchestrator/registry/options'
import { damagedRun, isDamaged, isNone, type DamagedRun } from './damaged-run.ts'
import type { JournaledCalls, JournaledRun } from './journaled-run.ts'
import { ifAbsent } from './read-records.ts'
import { RememberedHeads } from './run-head.ts'

/** Which runs are meant: those that fit all that is said. */
export interface RunFilter {
  /** Of the runs that are `open`, `running` are those that a process writes, `interrupted` those whose process has ended. */
  readonly status?: JournaledRun['status'] | 'running' | 'interrupted'
  /** Of the track, orchestrator or task. */
  readonly name?: string
  readonly tenantId?: string
  readonly projectId?: string
  /** Begun then or later, in milliseconds since 1970. */
  readonly since?: number
}

export interface ListOptions {
  /** Told of each run that may be meant and whose journal cannot be read: all that is known of it fits, whatever its status was. */
  readonly onDamaged?: (run: DamagedRun) => void
}

const aMoment: Rule = {
  expects: 'milliseconds since 1970, as date.getTime() gives',
  check(value, name) {
    return Number.isFinite(value) ? value : refuse(name, this.expects, value)
  },
}

/** An empty one fits no run. */
const anyText = text({ minLength: 0 })
const filterRules: RulesOf<RunFilter> = {
  status: oneOf('open', 'running', 'interrupted', 'succeeded', 'failed', 'cancelled'),
  name: anyText,
  tenantId: anyText,
  projectId: anyText,
  since: aMoment,
}

/** Refuses a filter that is none, or says nothing: all runs would be meant. Throws `DefinitionError`. */
export function refuseAll(what: string, filter: RunFilter): void {
  if (Object.keys(checkOptions<RunFilter>(`${what}: the filter`, filter, filterRules)).length === 0) throw new DefinitionError(`${what}: a filter that says nothing means every run. Say which: { tenantId: 'acme', status: 'failed' }.`)
}

/** What listing needs of a journal. */
interface Reading {
  readonly folderOf: (runId: string) => string
  readonly readCalls: (runId: string) => Promise<JournaledCalls>
  readonly isRunning: (runId: string) => Promise<boolean>
  readonly isRunId: (name: string) => boolean
}

/** Lists runs below `runs`. */
export function listingIn(runs: string, { folderOf, readCalls, isRunning, isRunId }: Reading): { readonly list: (filter?: RunFilter, options?: ListOptions) => Promise<JournaledRun[]>; readonly unfinished: (filter: RunFilter, options?: ListOptions) => Promise<JournaledRun[]> } {
  const runsNow = (runId: string) => isRunning(runId).catch(() => false) // it was deleted meanwhile
  const among = async (all: readonly JournaledRun[], status: RunFilter['status']): Promise<JournaledRun[]> => {
    if (status !== 'running' && status !== 'interrupted') return all.filter((run) => status === undefined || run.status === status)
    const open = all.filter((run) => run.status === 'open')
    const going = await Promise.all(open.map(({ runId }) => runsNow(runId)))
    return open.filter((_, index) => going[index] === (status === 'running'))
  }

  const heads = new RememberedHeads()
  const look = (runId: string) => heads.of(folderOf(runId), () => readCalls(runId)).catch(async (error: unknown) => {
    if (isNone(error) && (await runsNow(runId))) return undefined // it is being begun
    return damagedRun(folderOf(runId), runId, error)
  })

  const list = async (filter: RunFilter = {}, { onDamaged }: ListOptions = {}): Promise<JournaledRun[]> => {
    const { status, name, tenantId, projectId, since = 0 } = checkOptions<RunFilter>('The filter of runs', filter, filterRules)
    // What a deletion left that was broken off, and what a system keeps in every folder, is no run.
    const names = (await readdir(runs).catch(ifAbsent<string[]>(runs, []))).filter(isRunId)
    const all = (await Promise.all(names.map(look))).flatMap((run) => run ?? [])
    heads.keep(names.map(folderOf))
    const fitting = all.filter((run) => run.startedAt >= since && [[name, run.name], [tenantId, run.tenantId], [projectId, run.projectId]].every(([asked, known]) => asked === undefined || known === asked || (known === undefined && isDamaged(run))))
    for (const run of fitting) if (isDamaged(run)) onDamaged?.(run)
    const whole = fitting.flatMap((run) => (isDamaged(run) ? [] : run)).toSorted((a, b) => b.startedAt - a.startedAt)
    return among(whole, status)
  }

  const unfinished = async (filter: RunFilter, options?: ListOptions): Promise<JournaledRun[]> => {
    refuseAll('unfinished', filter)
    const all = (await list(filter, options)).filter(({ status }) => status !== 'succeeded')
    const going = await Promise.all(all.map(async ({ runId, status }) => status === 'open' && runsNow(runId)))
    return all.filter((_, index) => !going[index])
  }

  return { list, unfinished }
}
