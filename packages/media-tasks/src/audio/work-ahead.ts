/**
 * Does the work for each item, up to `width` at once, and gives the results in order. After a failure nothing new is begun; it is
 * thrown when what was under way has ended, so that nobody works on in a folder that is gone. Pass on a signal to end that sooner.
 */
export async function* workAhead<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item, index: number) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const underWay: Promise<Result>[] = []
  let begun = 0
  const begin = () => {
    for (; underWay.length < width && begun < items.length; begun++) {
      const promise = Promise.resolve(work(items[begun] as Item, begun))
      promise.catch(() => {}) // heard of below, in its turn
      underWay.push(promise)
    }
  }
  try {
    begin()
    for (let first = underWay[0]; first !== undefined; first = underWay[0]) {
      const result = await first
      void underWay.shift()
      begin()
      yield result
    }
  } finally {
    await Promise.allSettled(underWay)
  }
}
