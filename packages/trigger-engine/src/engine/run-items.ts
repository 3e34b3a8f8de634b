import { isLost, isStale, type OwnRun } from './read-result.ts'
import { startAnew, startItems, type Item, type Result } from './start-items.ts'

/** Starts the items, or joins them where they go on or have ended already, and waits for all. Anew where an earlier run of the walk left a run behind that was cancelled or lost. Throws `AnswerLost`. */
export async function runItems(items: readonly Item[], run: OwnRun): Promise<Result[]> {
  if (items.length === 0) return []
  const results = await startItems(items, run.signal)
  const settled: Result[] = []
  for (const [place, result] of results.entries()) settled.push(isLost(result) || (await isStale(result, { ...run, createdAt: items[place]!.since ?? run.createdAt })) ? await startAnew(items[place]!, run.signal) : result)
  return settled
}
