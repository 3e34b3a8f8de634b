import { runs } from '@trigger.dev/sdk'
import { reservedKey } from '../crossing/carried.ts'
import { ask } from './ask.ts'
import { statusOf, triggerStatusesOf, type RunState } from './run-state.ts'

export interface ListQuery {
  /** Of that track, orchestrator or task. */
  readonly name?: string
  readonly status?: RunState['status']
  /** Of runs that carry the tag `tenant:<id>`: those that `tracks run` triggered, and others that were given it. */
  readonly tenantId?: string
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

/** Runs that were triggered by somebody, the latest first: not those that are parts of them. */
export async function listRuns({ name, status, tenantId, since, limit = 50 }: ListQuery): Promise<ListedRun[]> {
  const query = {
    limit: pageSize,
    ...(name !== undefined && { taskIdentifier: name }),
    ...(status !== undefined && { status: triggerStatusesOf(status) as never }),
    ...(tenantId !== undefined && { tag: `tenant:${tenantId}` }),
    ...(since && { from: since }),
  }
  const found: ListedRun[] = []
  let page = await ask('list runs', () => runs.list(query))
  for (let pages = 1; ; pages += 1) {
    for (const { id, taskIdentifier, tags, metadata, createdAt, startedAt, finishedAt, ...run } of page.data) {
      if (isPart(tags, metadata) || (since && createdAt < since)) continue
      found.push({ id, name: taskIdentifier, status: statusOf(run), triggerStatus: run.status, tags, createdAt, ...(startedAt && { startedAt }), ...(finishedAt && { finishedAt }) })
      if (found.length >= limit) return found
    }
    if (!page.hasNextPage() || pages >= mostPages) return found
    const last = page
    page = await ask('list runs', () => last.getNextPage())
  }
}

/** Every run that one of ours has started carries both. */
function isPart(tags: readonly string[], metadata: Readonly<Record<string, unknown>> | undefined): boolean {
  const carried = metadata?.[reservedKey] as { call?: unknown; track?: unknown } | undefined
  return tags.some((tag) => tag.startsWith('track:')) || carried?.call !== undefined || carried?.track !== undefined
}
