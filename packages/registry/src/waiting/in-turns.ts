/**
 * Does the same with each item, `atOnce` of them at a time, and gives what comes of each, in the order of the items. Where one throws,
 * no further ones are begun, and that is thrown once those have ended that go on.
 */
export async function inTurns<Item, Result>(items: readonly Item[], atOnce: number, act: (item: Item, index: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  let isStopped = false
  const work = async (): Promise<void> => {
    while (next < items.length && !isStopped) {
      const index = next++
      try {
        results[index] = await act(items[index]!, index)
      } catch (error) {
        isStopped = true
        throw error
      }
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, work))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return results
}
