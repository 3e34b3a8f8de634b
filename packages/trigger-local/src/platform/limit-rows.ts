import { expect } from 'vitest'
import type { PlatformRow } from './platform.ts'

/** Queues, versions and sizes. */
export const limitRows: readonly PlatformRow[] = [
  {
    behaviour: 'a queue limits what runs, whichever task it is of, and for each concurrency key by itself; a run that waits keeps its place (development)',
    async check({ worker, trigger, own }) {
      const queue = { name: own('narrow'), concurrencyLimit: 1 }
      const its = await worker([{ id: 'task', queue }, { id: 'other', queue }])
      for (const concurrencyKey of ['a', 'a', 'b']) await trigger('task', concurrencyKey, { concurrencyKey })
      const [first, second] = (await its.takeMany(2)).toSorted((one, other) => String(one.payload).localeCompare(String(other.payload)))
      expect([first!.payload, second!.payload]).toEqual(['a', 'b'])
      await second!.trigger(own('other'), 'child', { resumeParentOnCompletion: true, concurrencyKey: 'b' })
      expect(await its.take()).toEqual([])
      await first!.succeed(0)
      expect((await its.takeOne()).payload).toBe('a')
    },
  },
  {
    behaviour: 'a caller that is locked to a version may name only queues and tasks of it',
    async check({ worker, trigger, own }) {
      const { version } = await worker(['task'])
      await expect(trigger('task', 0, { lockToVersion: version, queue: { name: own('wide') } })).rejects.toThrow('not found or not associated with locked version')
      await expect(trigger('nowhere', 0, { lockToVersion: version })).rejects.toThrow(`not found on locked version '${version}'`)
    },
  },
  {
    behaviour: 'metadata above 256 KB and payloads above 3 MB are refused (413), and more than ten tags',
    async check({ worker, trigger }) {
      await worker(['task'])
      await expect(trigger('task', 0, { metadata: { text: 'x'.repeat(256 * 1024) } })).rejects.toThrow('413')
      await expect(trigger('task', 'x'.repeat(3 * 1024 * 1024))).rejects.toThrow('413')
      await expect(trigger('task', 0, { tags: Array.from({ length: 11 }, (_, index) => `tag:${index}`) })).rejects.toThrow("Runs can only have 10 tags, you're trying to set 11.")
    },
  },
]
