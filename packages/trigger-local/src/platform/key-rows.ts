import { expect } from 'vitest'
import type { PlatformRow } from './platform.ts'

/** Idempotency keys: whose run a call gets. */
export const keyRows: readonly PlatformRow[] = [
  {
    behaviour: "keys are per task; the first caller's payload counts",
    async check({ worker, trigger, own }) {
      const its = await worker(['task', 'other'])
      const first = await trigger('task', 1, { idempotencyKey: own('key') })
      expect(await trigger('task', 2, { idempotencyKey: own('key') })).toBe(first)
      expect(await trigger('other', 3, { idempotencyKey: own('key') })).not.toBe(first)
      expect(new Set((await its.takeMany(2)).map(({ payload }) => payload))).toEqual(new Set([1, 3]))
    },
  },
  {
    behaviour: 'a failed run gives its key back, a cancelled one keeps it',
    async check({ worker, trigger, own, request, until }) {
      const its = await worker(['task'])
      const failed = await trigger('task', 0, { idempotencyKey: own('failed') })
      await (await its.takeOne()).fail()
      const again = await trigger('task', 0, { idempotencyKey: own('failed') })
      expect(again).not.toBe(failed)
      await request(`/api/v2/runs/${again}/cancel`, {})
      await until<{ status: string }>(`/api/v3/runs/${again}`, ({ status }) => status === 'CANCELED')
      expect(await trigger('task', 0, { idempotencyKey: own('failed') })).toBe(again)
    },
  },
  {
    behaviour: 'who waits for a run that another made gets its output, early or late',
    async check({ worker, trigger, own }) {
      const its = await worker(['parent', 'shared'])
      const joined = { idempotencyKey: own('shared'), resumeParentOnCompletion: true }
      await trigger('parent', 1)
      await trigger('parent', 2)
      const [early, other] = await its.takeMany(2)
      const calls = [await early!.trigger(own('shared'), 0, joined), await other!.trigger(own('shared'), 0, joined)]
      expect(calls[1]!.id).toBe(calls[0]!.id)
      await (await its.takeOne()).succeed({ answer: 42 })
      for (const parent of [early!, other!]) expect((await parent.resumed()).map(({ output }) => output)).toEqual(['{"answer":42}'])
      await trigger('parent', 3)
      const late = await its.takeOne()
      expect(await late.trigger(own('shared'), 0, joined)).toMatchObject({ id: calls[0]!.id, isCached: true })
      expect((await late.resumed()).map(({ output }) => output)).toEqual(['{"answer":42}'])
    },
  },
]
