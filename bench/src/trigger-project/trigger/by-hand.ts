import { batch, task } from '@trigger.dev/sdk'
import { unevenNaps } from '../uneven-graph.ts'

// The same work as people write it without us.

const add = (n: number) => ({ n: n + 1 })
const retry = { maxAttempts: 3 }

export const handAdd = task({ id: 'hand-add', retry, run: async ({ n }: { n: number }) => add(n) })
const nap = async ({ ms }: { ms: number }) => {
  await new Promise((resolve) => setTimeout(resolve, ms))
  return { ms }
}
export const handNap = task({ id: 'hand-nap', retry, queue: { concurrencyLimit: 4 }, run: nap })
export const handUnevenNap = task({ id: 'hand-uneven-nap', retry, run: nap })

const chain = async (count: number, n: number) => {
  let value = { n }
  for (let index = 0; index < count; index++) value = await handAdd.triggerAndWait(value).unwrap()
  return value
}

export const handChain = task({ id: 'hand-chain', retry, run: ({ n }: { n: number }) => chain(10, n) })
export const handLane = task({ id: 'hand-lane', retry, run: ({ n }: { n: number }) => chain(5, n) })

export const handLight = task({
  id: 'hand-light',
  retry,
  run: async ({ n }: { n: number }) => {
    let value = { n }
    for (let index = 0; index < 10; index++) value = add(value.n)
    return value
  },
})

export const handFan = task({
  id: 'hand-fan',
  retry,
  run: async ({ count }: { count: number }) => {
    const { runs } = await handAdd.batchTriggerAndWait(Array.from({ length: count }, (_, n) => ({ payload: { n } })))
    return runs.map((run) => (run.ok ? run.output : undefined))
  },
})

export const handUneven = task({
  id: 'hand-uneven',
  retry,
  run: async ({ naps }: { naps: number[] }) => {
    const { runs } = await handNap.batchTriggerAndWait(naps.map((ms) => ({ payload: { ms } })))
    return runs.map((run) => run.ok)
  },
})

export const handLanes = task({
  id: 'hand-lanes',
  retry,
  run: async ({ n }: { n: number }) => {
    const { runs } = await batch.triggerAndWait<typeof handLane>([0, 1, 2].map(() => ({ id: 'hand-lane', payload: { n } })))
    return runs.map((run) => run.ok)
  },
})

/** Level after level: what is left to somebody who cannot wait for two things at once. */
export const handGraph = task({
  id: 'hand-graph',
  retry,
  run: async () => {
    for (let level = 0; level < 5; level++) await handAdd.batchTriggerAndWait([0, 1, 2].map(() => ({ payload: { n: level } })))
  },
})

export const handUnevenGraph = task({
  id: 'hand-uneven-graph',
  retry,
  run: async () => {
    const { A, B, C, D, E, F } = unevenNaps
    for (const level of [[A], [B, C], [D, E], [F]]) await handUnevenNap.batchTriggerAndWait(level.map((ms) => ({ payload: { ms } })))
  },
})
