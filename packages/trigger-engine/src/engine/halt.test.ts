import { startTriggerDevServer, type TriggerDevServer } from '@track-orchestrator/trigger-local'
import { configure, runs } from '@trigger.dev/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeHalt, halt, HaltWatch, openHalt, sortOut } from './halt.ts'

const child = (taskIdentifier: string, createdSecond: number, startedSecond?: number) => ({
  id: `${taskIdentifier} ${createdSecond}`, taskIdentifier, isQueued: startedSecond === undefined, createdAt: new Date(createdSecond * 1_000), startedAt: startedSecond === undefined ? undefined : new Date(startedSecond * 1_000),
})
const ids = (children: readonly { readonly id: string }[]) => children.map(({ id }) => id)

test('a halt cancels what surely goes on and what waits far back in its queue, waits for what may be about to begin, and leaves the head of a queue to itself', () => {
  const children = [child('transcode', 0, 1), child('transcode', 1, 97), ...Array.from({ length: 30 }, (_, index) => child('transcode', 40 - index)), child('translate', 50), child('translate', 51, 51)]
  const { safe, young } = sortOut(children, 100_000)
  expect(ids(safe)).toEqual(['transcode 0', ...Array.from({ length: 20 }, (_, index) => `transcode ${40 - index}`), 'translate 51'])
  expect(ids(young)).toEqual(['transcode 1'])
  expect(ids(sortOut(children, 102_000).safe)).toContain('transcode 1')
})

// A server that no worker serves: its runs stand in their queues.
let server: TriggerDevServer
beforeAll(async () => {
  server = await startTriggerDevServer()
  configure({ baseURL: server.url, accessToken: server.secretKey })
})
afterAll(() => server.close())
const start = async (task: string, parentRunId?: string) => {
  const response = await fetch(`${server.url}/api/v1/tasks/${task}/trigger`, { method: 'POST', headers: { authorization: `Bearer ${server.secretKey}`, 'content-type': 'application/json' }, body: JSON.stringify({ payload: {}, options: { parentRunId } }) })
  return ((await response.json()) as { id: string }).id
}
const isWalker = (task: string) => task === 'Walker'

test('a track hears of a halt by its token, also where the server shows no run that could be cancelled', async () => {
  const [inner, outer] = [(await openHalt('run_1/plan'))!, (await openHalt('run_1/outer'))!]
  expect(await openHalt('run_1/plan')).toBe(inner) // on every attempt
  const watch = new HaltWatch([outer, inner])
  expect(await watch.look()).toBe(false)
  await halt({ token: inner, ownerRun: await start('Owner'), failed: 'Wide15', isWalker })
  expect([await watch.look(), (watch.signal.reason as Error).message]).toEqual([true, 'Wide15 failed'])
  const ended = new HaltWatch([outer])
  await closeHalt(outer)
  expect(await ended.look()).toBe(false)
})

test('a halt cancels tasks, also those of tracks, and never a track: its own wait may just be beginning', async () => {
  const owner = await start('Owner')
  const startMany = async (task: string, parent: string) => {
    const started: string[] = []
    // One after the other, and each later than the one before: so they stand in their queue.
    for (let count = 0; count < 12; count++) {
      started.push(await start(task, parent))
      await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(server.run(started.at(-1)!)!.createdAt.getTime())
    }
    return started
  }
  const walkers = await startMany('Walker', owner)
  const tasks = await startMany('work', owner)
  const below = await startMany('work', walkers[0]!)
  await halt({ token: undefined, ownerRun: owner, failed: 'Walker', isWalker })
  const cancelled = (await Promise.all([...walkers, ...tasks, ...below].map((id) => runs.retrieve(id)))).filter(({ status }) => status === 'CANCELED').map(({ id }) => id)
  expect(cancelled.toSorted()).toEqual([...tasks.slice(10), ...below.slice(10)].toSorted())
})
