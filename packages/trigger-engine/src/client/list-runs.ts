import { runs } from '@trigger.dev/sdk'
import { reservedKey } from '../crossing/carried.ts'
import { tagOf } from '../crossing/tags.ts'
import { ask } from './ask.ts'
import { statusOf, triggerStatusesOf, type RunState } from './run-state.ts'

export interface ListQuery {
  /** Of that track, orchestrator or task. */
  readonly name?: string
  readonly status?: RunState['status']
  /** Of runs that carry the tag `tenant:<id>`: those that `trigger`, `resume` and `fork` of a client started, or a schedule, and others that were given it. */
  readonly tenantId?: string
  /** The same, of the tag `project:<id>`. */
  readonly projectId?: string
  /** Default: whatever Trigger.dev keeps. */
  readonly since?: Date
  /** From 1; default 50. */
  readonly limit?: number
}

/** A run as it stands in a list. */
export interface ListedRun {
  readonly id: string
  readonly name: string
  readonly status: RunState['status']
  readonly triggerStatus: string
  readonly tags: readonly string[]
  readonly createdAt: Date
  readonly startedAt?: Date
  readonly finishedAt?: Date
}

/** As many as Trigger.dev gives at once. */
const pageSize = 100
/** Of a wide flow, most runs are parts of others. */
const mostPages = 20

/** A run of a list, and which one it resumes. */
export interface FoundRun extends ListedRun {
  readonly resumeOf?: string
}

/** Longer than Trigger.dev keeps a run. Where nothing is said, it tells of the last 7 days alone. */
const period = '400d'

/** Runs that were triggered by somebody, the latest first: not those that are parts of them. */
export async function listRuns({ limit = 50, status, ...query }: ListQuery): Promise<ListedRun[]> {
  const found: ListedRun[] = []
  for await (const { resumeOf: _resumeOf, ...run } of runsFound(query, status && [status], mostPages)) {
    if (found.push(run) >= limit) break
  }
  return found
}

/** All of them, of these statuses. */
export async function findRuns(query: Omit<ListQuery, 'limit' | 'status'>, statuses?: readonly RunState['status'][]): Promise<FoundRun[]> {
  const found: FoundRun[] = []
  if (statuses?.length !== 0) for await (const run of runsFound(query, statuses, Number.POSITIVE_INFINITY)) found.push(run)
  return found
}

async function* runsFound({ name, tenantId, projectId, since }: Omit<ListQuery, 'limit' | 'status'>, statuses: readonly RunState['status'][] | undefined, most: number): AsyncGenerator<FoundRun> {
  // Of several tags they want one: the others are looked at here.
  const wanted = [...(tenantId === undefined ? [] : [tagOf('tenant', tenantId)]), ...(projectId === undefined ? [] : [tagOf('project', projectId)])]
  const query = {
    limit: pageSize,
    ...(name !== undefined && { taskIdentifier: name }),
    ...(statuses && { status: statuses.flatMap(triggerStatusesOf) as never }),
    ...(wanted[0] !== undefined && { tag: wanted[0] }),
    ...(since ? { from: since } : { period }),
  }
  let page = await ask('list runs', () => runs.list(query))
  for (let pages = 1; ; pages += 1) {
    for (const { id, taskIdentifier, tags, metadata, createdAt, startedAt, finishedAt, ...run } of page.data) {
      if (isPart(tags, metadata) || (since && createdAt < since) || !wanted.every((tag) => tags.includes(tag))) continue
      const { resumeOf } = carriedIn(metadata)
      yield { id, name: taskIdentifier, status: statusOf(run), triggerStatus: run.status, tags, createdAt, ...(startedAt && { startedAt }), ...(finishedAt && { finishedAt }), ...(resumeOf !== undefined && { resumeOf }) }
    }
    if (!page.hasNextPage() || pages >= most) return
    const last = page
    page = await ask('list runs', () => last.getNextPage())
  }
}

const carriedIn = (metadata: Readonly<Record<string, unknown>> | undefined) => (metadata?.[reservedKey] ?? {}) as { readonly call?: unknown; readonly track?: unknown; readonly resumeOf?: string }

/** Every run that one of ours has started carries both. */
function isPart(tags: readonly string[], metadata: Readonly<Record<string, unknown>> | undefined): boolean {
  const { call, track } = carriedIn(metadata)
  return tags.some((tag) => tag.startsWith('track:')) || call !== undefined || track !== undefined
}
