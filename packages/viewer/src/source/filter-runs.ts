import type { EventPage, RunPage, RunQuery, ViewedEvent, ViewedRun } from '../model/wire.ts'

/**
 * One page of runs that were listed as a whole, the latest first. `viewed` completes one of them: only as many as the page needs, since that
 * may ask the file system.
 */
export async function pageOf<Run extends { readonly runId: string }>(listed: readonly Run[], { status, text, limit = 100, after }: RunQuery, viewed: (run: Run) => Promise<ViewedRun>): Promise<RunPage> {
  const from = after === undefined ? 0 : listed.findIndex(({ runId }) => runId === after) + 1
  const runs: ViewedRun[] = []
  for (const run of listed.slice(from)) {
    const one = await viewed(run)
    if (status !== undefined && one.status !== status) continue
    if (!isFound(one, text)) continue
    if (runs.length === limit) return { runs, next: runs.at(-1)!.runId }
    runs.push(one)
  }
  return { runs }
}

/** The events behind `after`, which is the number of those that were given before. */
export function eventPageOf(events: readonly ViewedEvent[], after = '0', limit = 2_000): EventPage {
  const from = Number(after)
  const end = Math.min(events.length, from + limit)
  return { events: events.slice(from, end), next: String(Math.max(end, from)), more: end < events.length }
}

/** Whether all the words stand in what a list says of the run, in any order. */
export function isFound({ runId, name, tenantId, projectId, status, error, forkOf }: ViewedRun, words = ''): boolean {
  const said = [runId, name, tenantId, projectId, status, error?.code, error?.message, forkOf].join(' ').toLowerCase()
  return words.toLowerCase().split(/\s+/).every((word) => said.includes(word))
}
