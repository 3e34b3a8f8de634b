import { configure } from '@trigger.dev/sdk'
import { expect, test } from 'vitest'
import { createClient, type Client } from '../src/client/index.ts'
import type { OpenSession } from './cli-session.ts'

const base = { tenantId: 't', projectId: 'p' }
/** The names of the suite's tracks are not known here. */
type AnyClient = Omit<Client<{}>, 'trigger'> & { readonly trigger: (name: string, payload: object, options: object) => Promise<{ readonly id: string; readonly name: string }> }

/** Costs of runs that go on with others. */
export function costTests(open: OpenSession): void {
  test('a run that its limit has stopped goes on with a higher one: what had finished is not paid for again, counts for the limit, and is told apart', async () => {
    const { server } = await open()
    configure({ baseURL: server.url, accessToken: server.secretKey })
    const client = createClient<{}>() as unknown as AnyClient
    const ended = (run: { readonly id: string; readonly name: string }) => client.wait(run, { pollMs: 100, timeoutMs: 240_000 }).catch((error: unknown) => error)
    const stopped = await client.trigger('EdgePaysOn', base, { limits: { cost: { coins: 8 } } })
    expect(await ended(stopped)).toMatchObject({ code: 'cost/limit_reached' })
    expect((await client.steps(stopped)).map(({ step, costs }) => [step, costs?.['coins']])).toEqual([['a', 5], ['b', 5], ['free', undefined], ['c', undefined]])
    const again = await client.resume(stopped, { limits: { cost: { coins: 10 } } })
    expect(await ended(again)).toMatchObject({ code: 'cost/limit_reached' })
    const resumed = await client.resume(again, { limits: { cost: { coins: 15 } } })
    expect(await ended(resumed)).toEqual({ done: true })
    expect((await client.retrieve(resumed)).costs).toEqual({ total: { coins: 5 }, reused: { coins: 10 }, byPath: { EdgePaysOn: { coins: 5 }, 'EdgePaysOn/c': { coins: 5 } } })
  })
}
