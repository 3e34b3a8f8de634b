import { expect } from 'vitest'
import { type PlatformRow, stateOf } from './platform.ts'

const retry = { maxAttempts: 2, minTimeoutInMs: 20, maxTimeoutInMs: 20, factor: 1, randomize: false }
const cancelled = { type: 'INTERNAL_ERROR', code: 'TASK_RUN_CANCELLED' } as const
const error = { type: 'BUILT_IN_ERROR', name: 'OwnError', message: 'why', stackTrace: 'OwnError: why\n    at step (steps.ts:1:1)' } as const

/** Attempts, cancellation, waits. */
export const runRows: readonly PlatformRow[] = [
  {
    behaviour: 'a retry that waits below 30 s stays with its process; a longer one goes back into the queue, to any process',
    async check({ worker, trigger }) {
      const its = await worker([{ id: 'task', retry }])
      const id = await trigger('task', 0)
      expect(await (await its.takeOne()).fail(undefined, { delay: 20 })).toMatchObject({ attemptStatus: 'RETRY_IMMEDIATELY' })
      expect(await (await its.again(id)).fail(undefined, { delay: 20 })).toMatchObject({ attemptStatus: 'RUN_FINISHED' })
      await trigger('task', 0)
      expect(await (await its.takeOne()).fail(undefined, { delay: 60_000 })).toMatchObject({ attemptStatus: 'RETRY_QUEUED' })
    },
  },
  {
    behaviour: 'an error keeps name, message and stack, for who waits and for who asks',
    async check({ parent: begin, own, until }) {
      const { worker, parent } = await begin(['task'])
      const { id } = await parent.trigger(own('task'), 0, { resumeParentOnCompletion: true })
      await (await worker.takeOne()).fail(error)
      const [waited] = await parent.resumed()
      expect(JSON.parse(waited!.output!)).toMatchObject(error)
      const told = await until<{ isFailed: boolean; error?: object }>(`/api/v3/runs/${id}`, ({ isFailed }) => isFailed)
      expect(told.error).toMatchObject({ name: error.name, message: error.message, stackTrace: error.stackTrace })
    },
  },
  {
    behaviour: 'an outcome is taken once',
    async check({ worker, trigger }) {
      const its = await worker(['task'])
      await trigger('task', 0)
      const attempt = await its.takeOne()
      await attempt.succeed(1)
      await expect(attempt.succeed(2)).rejects.toThrow('Run is already finished')
    },
  },
  {
    behaviour: 'a cancelled parent can start nothing that it waits for; what a run made falls with it',
    async check({ parent: begin, own, request }) {
      const { worker, parent } = await begin(['task'])
      await parent.trigger(own('task'), 0, { resumeParentOnCompletion: true })
      const child = await worker.takeOne()
      await request(`/api/v2/runs/${parent.runId}/cancel`, {})
      await expect(parent.trigger(own('task'), 0, { resumeParentOnCompletion: true })).rejects.toThrow('as the parent run has a status of CANCELED')
      await parent.fail(cancelled)
      await expect.poll(async () => stateOf(await child.state())).toBe('PENDING_CANCEL')
    },
  },
  {
    behaviour: '`trigger dev` that dies: its watchdog cancels its runs ("Dev session ended (CLI exited)"), which keep their keys',
    async check({ worker, trigger, own, request, until }) {
      const its = await worker(['task'])
      const id = await trigger('task', 0, { idempotencyKey: own('kept') })
      await its.takeOne()
      await request('/engine/v1/dev/disconnect', { runFriendlyIds: [id] })
      const run = await until<{ status: string; error?: { message: string } }>(`/api/v3/runs/${id}`, ({ status }) => status === 'CANCELED')
      expect(run.error?.message).toBe('Dev session ended (CLI exited)')
      expect(await trigger('task', 0, { idempotencyKey: own('kept') })).toBe(id)
    },
  },
  {
    behaviour: 'one key is one token; whoever waits for it goes on when somebody completes it, or fails when its time is over',
    async check({ worker, trigger, own, request }) {
      const its = await worker(['task'])
      const create = (name: string, timeout: string) => request<{ id: string; isCached: boolean }>('/api/v1/waitpoints/tokens', { idempotencyKey: own(name), timeout })
      const [token, again, late] = [await create('token', '1h'), await create('token', '1h'), await create('late', '2s')]
      expect([again.id, again.isCached]).toEqual([token.id, true])
      for (const payload of [0, 1, 2]) await trigger('task', payload)
      const [one, other, third] = await its.takeMany(3)
      await one!.waitFor(token.id)
      await other!.waitFor(token.id)
      await third!.waitFor(late.id)
      await request(`/api/v1/waitpoints/tokens/${token.id}/complete`, { data: { approved: true } })
      for (const run of [one!, other!]) expect((await run.resumed())[0]).toMatchObject({ type: 'MANUAL', friendlyId: token.id, outputIsError: false })
      expect((await third!.resumed())[0]).toMatchObject({ outputIsError: true, output: expect.stringContaining('Waitpoint timed out at') as string })
    },
  },
  {
    behaviour: 'tokens are listed newest first, page by page, by their tags and by whether they wait, were completed or timed out',
    async check({ own, request }) {
      const create = (tag: string) => request<{ id: string }>('/api/v1/waitpoints/tokens', { timeout: '1h', tags: [own(tag)] })
      const made = [await create('a'), await create('a'), await create('b'), await create('a')].map(({ id }) => id)
      await request(`/api/v1/waitpoints/tokens/${made[0]}/complete`, { data: {} })
      interface Page { readonly data: readonly { readonly id: string; readonly status: string }[]; readonly pagination: { readonly next?: string } }
      const list = (more: string) => request<Page>(`/api/v1/waitpoints/tokens?filter[tags]=${own('a')}${more}`)
      expect((await list('')).data.map(({ id, status }) => [id, status])).toEqual([[made[3], 'WAITING'], [made[1], 'WAITING'], [made[0], 'COMPLETED']])
      const first = await list('&filter[status]=WAITING&page[size]=1')
      expect(first.data.map(({ id }) => id)).toEqual([made[3]])
      expect((await list(`&filter[status]=WAITING&page[size]=1&page[after]=${first.pagination.next}`)).data.map(({ id }) => id)).toEqual([made[1]])
    },
  },
]
