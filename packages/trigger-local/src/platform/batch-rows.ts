import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { type PlatformRow, stateOf } from './platform.ts'

/** Batches: how their items become runs, and how a parent learns of them. */
export const batchRows: readonly PlatformRow[] = [
  {
    behaviour: 'a parent waits for all items of a batch, and gets each outcome with its index',
    async check({ parent: begin, own }) {
      const { worker, parent } = await begin(['task'])
      const { id } = await parent.batch([0, 1].map((payload) => ({ task: own('task'), payload })))
      const [first, second] = (await worker.takeMany(2)).toSorted((a, b) => Number(a.payload) - Number(b.payload))
      await second!.fail()
      expect(stateOf(await parent.state())).toBe('EXECUTING_WITH_WAITPOINTS')
      await first!.succeed('done')
      const ended = (await parent.resumed()).filter(({ type }) => type === 'RUN').toSorted((a, b) => a.index! - b.index!)
      expect(ended.map(({ index, outputIsError, completedByTaskRun }) => ({ index, outputIsError, batch: completedByTaskRun?.batch?.friendlyId })))
        .toEqual([{ index: 0, outputIsError: false, batch: id }, { index: 1, outputIsError: true, batch: id }])
    },
  },
  {
    behaviour: 'the items of a batch become runs one after the other; `batch.retrieve().runs` is empty until all of them exist',
    async check({ parent: begin, own, request }) {
      const { worker, parent } = await begin(['task'])
      const count = 12
      const { id } = await parent.batch(Array.from({ length: count }, (_, payload) => ({ task: own('task'), payload })))
      const seen = new Set<number>()
      let firstBegun = false
      for (let known = 0; known < count; await sleep(20)) {
        known = (await request<{ runs: string[] }>(`/api/v2/batches/${id}`)).runs.length
        seen.add(known)
        if (known === 0) firstBegun ||= (await worker.take()).length > 0
      }
      expect({ seen: [...seen], firstBegun }).toEqual({ seen: [0, count], firstBegun: true })
    },
  },
  {
    behaviour: "a run that a sibling's join made first is the sibling's child, and has no `ctx.batch`",
    async check({ parent: begin, own }) {
      const { worker, parent } = await begin(['first', 'filler', 'shared'])
      const joined = { idempotencyKey: own('shared') }
      await parent.batch([{ task: own('first') }, ...Array.from({ length: 10 }, () => ({ task: own('filler') })), { task: own('shared'), options: joined }])
      const [sibling] = await worker.takeMany(1)
      await sibling!.trigger(own('shared'), 0, { ...joined, resumeParentOnCompletion: true })
      for (;;) {
        const shared = (await worker.take()).find(({ execution }) => execution.task.id === own('shared'))
        if (!shared) continue
        expect({ parent: shared.execution.run.parentTaskRunId, batch: shared.execution.batch }).toEqual({ parent: sibling!.runId, batch: undefined })
        return
      }
    },
  },
  {
    behaviour: 'a batch of none, of more than 1,000, or with a key used before, is refused',
    async check({ own, request }) {
      const create = (body: object) => request('/api/v3/batches', body)
      await expect(create({ runCount: 0 })).rejects.toThrow('400 runCount must be a positive integer')
      await expect(create({ runCount: 1001 })).rejects.toThrow('400 Batch runCount of 1001 exceeds maximum allowed of 1000.')
      await create({ runCount: 1, idempotencyKey: own('batch') })
      await expect(create({ runCount: 1, idempotencyKey: own('batch') })).rejects.toThrow('already been created with the same idempotency key')
    },
  },
  {
    behaviour: 'two items with one task and key stand for one run, and the parent waits for ever',
    async check({ parent: begin, own }) {
      const { worker, parent } = await begin(['task', 'other'])
      const same = { task: own('task'), payload: 1, options: { idempotencyKey: own('twice') } }
      await parent.batch([same, same, { task: own('other'), payload: 2 }])
      for (const run of await worker.takeMany(2)) await run.succeed('done')
      await sleep(1_500)
      expect(stateOf(await parent.state())).toBe('EXECUTING_WITH_WAITPOINTS')
    },
  },
  {
    behaviour: 'a batch item that is too large, or of an unknown task, fails in its place',
    async check({ parent: begin, own }) {
      const { worker, parent } = await begin(['task'])
      await parent.batch([{ task: own('nowhere'), payload: 0 }, { task: own('task'), payload: 'x'.repeat(3 * 1024 * 1024) }, { task: own('task'), payload: 2 }])
      await (await worker.takeOne()).succeed('done')
      const ended = (await parent.resumed()).filter(({ type }) => type === 'RUN').toSorted((a, b) => a.index! - b.index!)
      expect(ended.map(({ output, outputIsError }) => (outputIsError ? (JSON.parse(output!) as { code: string }).code : output))).toEqual(['BATCH_ITEM_COULD_NOT_TRIGGER', 'PAYLOAD_TOO_LARGE', '"done"'])
    },
  },
]
