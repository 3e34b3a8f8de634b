import { loadVitest } from '@track-orchestrator/registry/vitest'
import type { RunEvent } from '../log/run-event.ts'
import type { RunLog } from '../log/run-log.ts'
import { newId } from '../log/new-id.ts'

/** What the suite needs of a log: how to open one, and, where that can be told, the ids of the events that arrived, in their order. */
export interface RunLogUnderTest {
  readonly log: RunLog
  readonly arrived?: () => Promise<readonly string[]>
  readonly close?: () => Promise<void>
}

const place = { track: 'Track', path: 'Track/step', step: 'step', taskName: 'task', nested: false }
const error = { name: 'TracksError', code: 'task_failed', message: 'broken', retryable: true } as const

/** One run with every kind of event in it. */
export function exampleEvents(runId = newId()): RunEvent[] {
  const bodies = [
    { type: 'run.started', kind: 'track', inputSizeBytes: 2 },
    { type: 'track.started', track: 'Track', path: 'Track', stepCount: 3 },
    { type: 'step.started', ...place, itemCount: 2 },
    { type: 'step.progress', ...place, fraction: 0.5, note: 'half \u001B[2J way\n' },
    { type: 'log', level: 'warn', message: 'odd: \u0000 \uD800', fields: { deep: [{ a: 1 }] }, ...place },
    { type: 'step.retrying', ...place, attempt: 1, delayMs: 10, error },
    { type: 'step.succeeded', ...place, attempt: 2, durationMs: 12, outputSizeBytes: 2 },
    { type: 'step.skipped', ...place },
    { type: 'step.failed', ...place, attempt: 3, durationMs: 5, error, handled: true },
    { type: 'track.skipped', track: 'Other', path: 'Other', because: 'Track' },
    { type: 'track.cancelled', track: 'Third', path: 'Third', durationMs: 1 },
    { type: 'track.failed', track: 'Fourth', path: 'Fourth', durationMs: 1, error },
    { type: 'track.succeeded', track: 'Track', path: 'Track', durationMs: 20 },
    { type: 'run.succeeded', durationMs: 25, outputSizeBytes: 2 },
  ] as const
  return bodies.map((body, index) => ({ id: newId(), at: Date.now(), sequence: index + 1, runId, runName: 'Track', tenantId: 't', projectId: 'p', kept: true, ...body }))
}

/** The behaviour that every log owes the runs it follows. Needs vitest. */
export function runLogSuite(title: string, open: () => Promise<RunLogUnderTest> | RunLogUnderTest): void {
  const { describe, expect, test } = loadVitest('runLogSuite')
  const withLog = async (use: (subject: RunLogUnderTest) => Promise<void>) => {
    const subject = await open()
    try {
      await use(subject)
    } finally {
      await subject.close?.()
    }
  }

  describe(title, () => {
    test('takes every kind of event, and loses and swaps none', () =>
      withLog(async ({ log, arrived }) => {
        const events = exampleEvents()
        for (const event of events) log.write(event)
        await log.flush(100_000)
        if (arrived) expect(await arrived()).toEqual(events.map(({ id }) => id))
      }))

    test('never throws at whoever writes, whatever the event holds', () =>
      withLog(async ({ log }) => {
        const cyclic: Record<string, unknown> = {}
        cyclic['self'] = cyclic
        const [, , , , logged] = exampleEvents()
        for (const fields of [cyclic, { big: 1n }, { long: 'x'.repeat(2_000_000) }, { get broken() { throw new Error('no') } }]) {
          expect(() => log.write({ ...logged!, fields } as RunEvent)).not.toThrow()
        }
        await log.flush(100_000)
      }))

    test('does not make its writer wait', () =>
      withLog(async ({ log }) => {
        const events = exampleEvents()
        expect(events.map((event) => log.write(event) as unknown)).toEqual(events.map(() => undefined))
        await log.flush(100_000)
      }))

    test('comes back from flush, at the deadline at the latest, and with nothing written', () =>
      withLog(async ({ log }) => {
        await expect(log.flush(50)).resolves.toBeUndefined()
        log.write(exampleEvents()[0]!)
        await expect(log.flush(0)).resolves.toBeUndefined()
      }))
  })
}
