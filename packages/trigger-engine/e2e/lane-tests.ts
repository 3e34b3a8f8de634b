import { cancel, trigger, type Run } from '@track-orchestrator/trigger-local'
import { configure } from '@trigger.dev/sdk'
import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createClient } from '../src/client/index.ts'
import { openOutput } from '../src/crossing/open-output.ts'
import { resumeOptions } from '../src/crossing/resume.ts'
import { errorOfRun } from '../src/crossing/trigger-error.ts'
import { modelOf } from '../../viewer/src/testing/source-suite.ts'
import { triggerLocalSource } from '../../viewer/src/source/trigger/trigger-local-source.ts'
import { linesOf, type CliSession, type OpenSession } from './cli-session.ts'

const base = { tenantId: 't', projectId: 'p' }
const lane = 'track-orchestrator-lane'

/** Bounded fan-outs that no queue can bound: no item is lost, and none is done twice. */
export function laneTests(open: OpenSession): void {
  describe('a bounded fan-out on Trigger.dev through lanes', () => {
    const newItems = ({ newFile }: CliSession, count: number, special: Readonly<Record<number, object>> = {}) => {
      const journal = newFile('lanes')
      const items = Array.from({ length: count }, (_, index) => ({ name: `item-${index}`, journal, ...special[index] }))
      return { journal, names: items.map(({ name }) => name), payload: { ...base, items } }
    }
    const below = ({ server }: CliSession, id: string, task: string): Run[] => server.runs().filter((run) => run.task === task && run.root?.friendlyId === id)

    test.each([['LaneCalls', 'lane_item'], ['LaneTracks', 'LaneTrack']])('does each of a dozen items once, in as many lanes as go on at once, shows how far it is, and adds up what they cost (%s)', async (name, task) => {
      const session = await open()
      const { journal, names, payload } = newItems(session, 12)
      const ended = await session.run(name, payload)
      expect((ended.output as { name: string }[]).map((item) => item.name)).toEqual(names)
      expect(linesOf(journal).toSorted()).toEqual(names.toSorted())
      expect(below(session, ended.id, lane)).toHaveLength(2)
      expect(below(session, ended.id, task).map(({ parent }) => parent?.task)).toEqual(Array.from({ length: 12 }, () => lane))
      expect(ended.metadata).toMatchObject({ costs: { total: { coins: 12 } }, ...(name === 'LaneCalls' && { progress: { fraction: 1, note: '12 of 12' } }) })
    })

    test('is no step of the run: neither for the client nor for who views it', async () => {
      const session = await open()
      const { server, run } = session
      const { names, payload } = newItems(session, 3)
      const { id } = await run('LaneCalls', payload)
      configure({ baseURL: server.url, accessToken: server.secretKey })
      const paths = names.map((_, index) => `LaneCalls/lane_item[${index}]`)
      expect((await createClient<{}>().steps({ id, name: 'LaneCalls' })).map(({ path }) => path).toSorted()).toEqual(paths)
      const { steps } = await modelOf(triggerLocalSource({ url: server.url, key: server.secretKey }), id)
      expect([...steps.keys()].toSorted()).toEqual(['LaneCalls/lane_item', ...paths])
    })

    test('hands on outputs that are together too big for the answer of a lane', async () => {
      const session = await open()
      const { journal, names, payload } = newItems(session, 6, Object.fromEntries([0, 1, 2, 3, 4, 5].map((index) => [index, { sizeBytes: 40_000 }])))
      const output = await openOutput<{ name: string; text: string }[]>(await session.run('LaneCalls', payload), session.store)
      expect(output.map(({ name, text }) => [name, text.length])).toEqual(names.map((name) => [name, 40_000]))
      expect(linesOf(journal).toSorted()).toEqual(names)
    })

    test('tells of each item that fails as it failed, and tries none of them again', async () => {
      const session = await open()
      const { journal, names, payload } = newItems(session, 5, { 1: { how: 'fails' }, 4: { how: 'fails' } })
      const { output } = await session.run('LaneCallsGoOn', payload)
      const failed = (item: number) => ({ status: 'failed', error: { code: 'lane/broken', message: `item-${item} cannot be done`, place: { track: 'LaneCallsGoOn', step: 'lane_item', item } } })
      const well = { status: 'succeeded' }
      expect(output).toMatchObject([well, failed(1), well, well, failed(4)])
      expect(linesOf(journal).toSorted()).toEqual(names)
    })

    test('tells of as many failures as its lanes have no room for', async () => {
      const session = await open()
      const { journal, names, payload } = newItems(session, 60, Object.fromEntries(Array.from({ length: 60 }, (_, index) => [index, { how: 'fails', sizeBytes: 900 }])))
      const run = await session.run('LaneCallsGoOn', payload)
      expect(await openOutput(run, session.store)).toMatchObject(names.map((name) => ({ status: 'failed', error: { code: 'lane/broken', message: `${name} cannot be done${'.'.repeat(900)}` } })))
      expect(linesOf(journal).toSorted()).toEqual(names.toSorted())
      expect(below(session, run.id, lane).some(({ output }) => output?.includes('"ok":false}]'))).toBe(true)
    })

    test.each(['LaneCalls', 'LaneTracks'])('is resumed with what had failed alone (%s)', async (name) => {
      const session = await open()
      const { journal, names, payload } = newItems(session, 5, { 2: { how: 'fails once' } })
      const first = await session.run(name, payload)
      expect(errorOfRun(first)).toMatchObject({ code: 'task_failed', place: { item: 2 } })
      const second = await session.run(name, payload, resumeOptions(first.id))
      expect((second.output as { name: string }[]).map((item) => item.name)).toEqual(names)
      expect(linesOf(journal).toSorted()).toEqual([...names, 'item-2'].toSorted())
    })

    test('of a handler that is tried again does what had failed again, and nothing else', async () => {
      const session = await open()
      const { journal, names, payload } = newItems(session, 3, { 1: { how: 'fails once' } })
      expect((await session.run('LaneAsks', payload)).output).toEqual({ names })
      expect(linesOf(journal).toSorted()).toEqual([...names, 'item-1'].toSorted())
    })

    test('loses no item whose taking was answered into the void', async () => {
      const session = await open()
      const { journal, names, payload } = newItems(session, 6)
      session.server.faults.push({ method: 'POST', path: /waitpoints\/tokens$/, kind: 'lost' })
      const { output } = await session.run('LaneCalls', payload)
      expect(session.server.faults.splice(0)).toEqual([])
      expect((output as { name: string }[]).map(({ name }) => name)).toEqual(names)
      expect(linesOf(journal).toSorted()).toEqual(names)
    })

    test('loses no item where a person cancels a lane: what it waited for is cancelled, and the rest is done', async () => {
      const session = await open()
      const { journal, names, payload } = newItems(session, 6, { 0: { how: 'hangs until told' }, 1: { how: 'hangs until told' } })
      const id = await trigger(session.server, 'LaneCallsGoOn', payload)
      await expect.poll(() => below(session, id, 'lane_item').filter(({ status }) => status === 'EXECUTING').length).toBe(2)
      const [first] = below(session, id, lane).toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
      await cancel(session.server, first!.friendlyId)
      await expect.poll(() => below(session, id, 'lane_item').filter(({ status }) => status === 'CANCELED').length).toBe(1)
      writeFileSync(`${journal}.told`, '')
      const { output } = await session.ended(id)
      const ends = (output as { status: string; error?: { code: string } }[]).map(({ status, error }) => [status, error?.code])
      expect(ends.filter(([status]) => status === 'failed')).toEqual([['failed', 'cancelled']])
      expect(ends).toHaveLength(6)
      expect(linesOf(journal).toSorted()).toEqual(names)
    })

    test('is cancelled with its items', async () => {
      const session = await open()
      const { journal, payload } = newItems(session, 6, Object.fromEntries([0, 1, 2, 3, 4, 5].map((index) => [index, { how: 'hangs until told' }])))
      const id = await trigger(session.server, 'LaneTracks', payload)
      await expect.poll(() => linesOf(journal).length).toBe(2)
      await cancel(session.server, id)
      expect(await session.ended(id)).toMatchObject({ status: 'CANCELED' })
      await expect.poll(() => below(session, id, 'lane_item').map(({ status }) => status)).toEqual(['CANCELED', 'CANCELED'])
      await expect.poll(() => below(session, id, lane).map(({ status }) => status)).toEqual(['CANCELED', 'CANCELED'])
    })
  })
}
