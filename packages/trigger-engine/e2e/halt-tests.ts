import { cancel, trigger, type Run } from '@track-orchestrator/trigger-local'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configure, wait } from '@trigger.dev/sdk'
import { describe, expect, test } from 'vitest'
import { errorOfRun } from '../src/crossing/trigger-error.ts'
import type { CliSession, OpenSession } from './cli-session.ts'

const base = { tenantId: 't', projectId: 'p' }

/** A failure stops what runs, what is queued, and what is only about to be made. */
export function haltTests(open: OpenSession): void {
  describe('a halt on Trigger.dev', () => {
    const runsBelow = ({ server }: CliSession, id: string) => server.runs().filter(({ root }) => root?.friendlyId === id)
    const tracksOf = (metadata: Record<string, unknown> | undefined) =>
      Object.fromEntries(Object.entries((metadata?.['tracks'] ?? {}) as Record<string, { status: string }>).map(([name, { status }]) => [name, status]))

    const isHaltedBy = async ({ server }: CliSession, track: string) => {
      configure({ baseURL: server.url, accessToken: server.secretKey })
      for await (const { id } of wait.listTokens({ status: 'COMPLETED' })) {
        const { output } = await wait.retrieveToken<{ failed?: string }>(id)
        if (output?.failed === track) return true
      }
      return false
    }

    test('reaches all of sixteen tracks, though the one that fails was started by the one that waits for it', async () => {
      const session = await open()
      const ended = await session.run('HaltWide', base)
      expect(errorOfRun(ended)).toMatchObject({ code: 'suite/never', place: { track: 'Wide15' } })
      expect(ended.error?.message).toBe('Wide15 > suite_fail: this will never work')
      expect(ended.metadata?.['progress']).toEqual({ fraction: 1, tracks: 16, tracksEnded: 16 })
      const { Wide15, ...others } = tracksOf(ended.metadata)
      expect(Wide15).toBe('failed')
      expect(Object.values(others)).toEqual(Array.from({ length: 15 }, () => 'cancelled'))
      for (const { task, durationMs } of runsBelow(session, ended.id)) if (task === 'suite_sleep') expect(durationMs).toBeLessThan(100_000)
    })

    test('reaches a track between two of its steps', async () => {
      const session = await open()
      const ended = await session.run('HaltSteps', base)
      expect(tracksOf(ended.metadata)).toEqual({ HaltLongTrack: 'cancelled', HaltFails: 'failed' })
      expect(runsBelow(session, ended.id).filter(({ task }) => task === 'suite_sleep').length).toBeLessThan(100)
    })

    test('is no failure of a step that would have been tried again: its track makes nothing of it, and is cancelled', async () => {
      const session = await open()
      const folder = mkdtempSync(join(session.folder, 'gates-'))
      const id = await trigger(session.server, 'HaltStumbling', { ...base, folder })
      await expect.poll(() => isHaltedBy(session, 'HaltBeside'), { timeout: 120_000 }).toBe(true)
      writeFileSync(join(folder, 'halted'), '')
      const ended = await session.ended(id)
      expect(errorOfRun(ended)).toMatchObject({ code: 'suite/never', place: { track: 'HaltBeside' } })
      expect(tracksOf(ended.metadata)).toEqual({ HaltStumbles: 'cancelled', HaltBeside: 'failed' })
      const told = session.eventsOf(ended.id).filter((event) => 'track' in event && event.track === 'HaltStumbles').map((event) => ({ type: event.type, ...('handled' in event && { handled: event.handled, code: event.error.code }) }))
      expect(told.filter(({ type }) => type !== 'step.retrying')).toEqual([{ type: 'track.started' }, { type: 'step.started' }, { type: 'step.failed', handled: false, code: 'cancelled' }, { type: 'track.cancelled' }])
    })

    /** Starts the orchestrator, waits until its three sleepers run, has a person cancel one run below it, and gives the orchestrator's end. */
    const cancelOne = async (session: CliSession, isIt: (run: Run) => boolean) => {
      const id = await trigger(session.server, 'HaltMinutes', base)
      const below = () => runsBelow(session, id)
      await expect.poll(() => below().filter(({ task, status }) => task === 'suite_sleep' && status === 'EXECUTING').length).toBe(3)
      await cancel(session.server, below().find(isIt)!.friendlyId)
      return { ended: await session.ended(id), below: below() }
    }

    test.each(['HaltFirst', 'HaltInner1'])('follows on a cancellation of one track by a person (%s), which fails the run', async (name) => {
      const { ended } = await cancelOne(await open(), ({ task }) => task === name)
      expect(ended.status).toBe('FAILED')
      expect(errorOfRun(ended)).toMatchObject({ code: 'cancelled', place: { track: name } })
      expect(Object.values(tracksOf(ended.metadata)).toSorted()).toEqual(['cancelled', 'failed'])
    })

    test.each([
      ['HaltFirst', { HaltFirst: 'failed', HaltSecond: 'cancelled' }],
      ['HaltInner1', { HaltFirst: 'cancelled', HaltSecond: 'failed' }],
    ])('follows on a cancellation of one task run of %s by a person: the run fails, and its final task does not run', async (track, ends) => {
      const { ended, below } = await cancelOne(await open(), ({ task, parent }) => task === 'suite_sleep' && parent?.task === track)
      expect(ended.status).toBe('FAILED')
      expect(errorOfRun(ended)).toMatchObject({ code: 'cancelled', retryable: false, place: { track, step: 'suite_sleep' } })
      expect(tracksOf(ended.metadata)).toEqual(ends)
      // One that begins as the halt comes is not cancelled: it looks at the token, and ends by itself.
      const statuses = below.filter(({ task }) => task === 'suite_sleep').map(({ status }) => status)
      expect(statuses).toHaveLength(3)
      for (const status of statuses) expect(status).toMatch(/^(?:CANCELED|COMPLETED_WITH_ERRORS)$/)
    })

    test('is a failure of the item whose run a person cancels, and the track has no output', async () => {
      const session = await open()
      const id = await trigger(session.server, 'GateItems', { ...base, folder: mkdtempSync(join(session.folder, 'gates-')) })
      const items = () => runsBelow(session, id).filter(({ task }) => task === 'gate')
      await expect.poll(() => items().map(({ status }) => status)).toEqual(['COMPLETED_SUCCESSFULLY', 'EXECUTING'])
      await cancel(session.server, items()[1]!.friendlyId)
      const ended = await session.ended(id)
      expect(ended).toMatchObject({ status: 'FAILED' })
      expect(errorOfRun(ended)).toMatchObject({ code: 'cancelled', place: { track: 'GateItems', step: 'gate', taskName: 'gate', item: 1 }, items: [{ status: 'succeeded' }, { status: 'failed' }] })
    })

    test('of a composite track with one sub-track at a time starts none of the others', async () => {
      const session = await open()
      const ended = await session.run('HaltOneAtATime', base)
      expect(errorOfRun(ended)).toMatchObject({ code: 'suite/never', place: { track: 'HaltA' } })
      expect(runsBelow(session, ended.id).filter(({ task }) => /^Halt[BC]$/.test(task))).toEqual([])
    })
  })
}
