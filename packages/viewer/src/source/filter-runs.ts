import type { RunPage, RunQuery, ViewedRun } from '../model/wire.ts'

/**
 * One page of runs that were listed as a whole, the latest first. `viewed` completes one of them: only as many as the page needs, since that
 * may ask the file system.
 */
export async function pageOf<Run extends { readonly runId: string }>(listed: readonly Run[], { status, text, limit = 100, after }: RunQuery, viewed: (run: Run) => Promise<ViewedRun>): Promise<RunPage> {
  const from = after === undefined ? 0 : listed.findIndex(({ runId }) => runId === after) + 1
  const words = (text ?? '').toLowerCase().split(/\s+/).filter((word) => word !== '')
  const runs: ViewedRun[] = []
  for (const run of listed.slice(from)) {
    const one = await viewed(run)
    if (status !== undefined && one.status !== status) continue
    const said = [one.runId, one.name, one.tenantId, one.projectId, one.status, one.error?.code, one.error?.message, one.forkOf].join(' ').toLowerCase()
    if (!words.every((word) => said.includes(word))) continue
    if (runs.length === limit) return { runs, next: runs.at(-1)!.runId }
    runs.push(one)
  }
  return { runs }
}
