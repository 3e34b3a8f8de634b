import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { workAhead } from './work-ahead.ts'

describe('Working ahead', () => {
  test('gives the results in order, however long each takes, and never does more at once than allowed', async () => {
    let atOnce = 0
    let most = 0
    const results: number[] = []
    const work = async (item: number) => {
      most = Math.max(most, ++atOnce)
      await wait(item % 3 === 0 ? 8 : 1)
      atOnce--
      return item * 10
    }
    for await (const result of workAhead([1, 2, 3, 4, 5, 6, 7], 3, work)) results.push(result)
    expect(results).toEqual([10, 20, 30, 40, 50, 60, 70])
    expect(most).toBe(3)
  })

  test('begins nothing new after a failure, and throws it when all that was begun has ended', async () => {
    const begun: number[] = []
    let ended = 0
    const work = async (item: number) => {
      begun.push(item)
      await wait(item === 1 ? 1 : 10)
      ended++
      if (item === 1) throw new Error('the first one')
    }
    await expect(workAhead([1, 2, 3, 4, 5], 2, work).next()).rejects.toThrow('the first one')
    expect(begun).toEqual([1, 2])
    expect(ended).toBe(2)
  })

  test('has nothing to give for nothing', async () => {
    expect(await workAhead([], 3, () => Promise.resolve(1)).next()).toEqual({ done: true, value: undefined })
  })
})
