import { cancel, trigger } from '@track-orchestrator/trigger-local'
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

    test.each(['HaltFirst', 'HaltInner1'])('follows on a cancellation of one track by a person (%s), which fails the run', async (name) => {
      const session = await open()
      const id = await trigger(session.server, 'HaltMinutes', base)
      const sleepers = () => runsBelow(session, id).filter(({ task, status }) => task === 'suite_sleep' && status === 'EXECUTING')
      await expect.poll(() => sleepers().length, { timeout: 120_000 }).toBe(3)
      await cancel(session.server, runsBelow(session, id).find(({ task }) => task === name)!.friendlyId)
      const ended = await session.ended(id)
      expect(ended.status).toBe('FAILED')
      expect(errorOfRun(ended)).toMatchObject({ code: 'cancelled', message: expect.stringContaining(name) as string })
      expect(Object.values(tracksOf(ended.metadata)).toSorted()).toEqual(['cancelled', 'failed'])
    })

    test('of a composite track with one sub-track at a time starts none of the others', async () => {
      const session = await open()
      const ended = await session.run('HaltOneAtATime', base)
      expect(errorOfRun(ended)).toMatchObject({ code: 'suite/never', place: { track: 'HaltA' } })
      expect(runsBelow(session, ended.id).filter(({ task }) => /^Halt[BC]$/.test(task))).toEqual([])
    })
  })
}
