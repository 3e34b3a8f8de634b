import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emptyRun, foldEvents } from '../model/fold-run.ts'
import type { RunModel } from '../model/run-model.ts'
import type { ViewedEvent } from '../model/wire.ts'
import type { RunSource } from '../source/run-source.ts'

/** What a source is tried with: where runs of the samples lie, `reading` (succeeded) and `failing` (a step of it broke), the only ones of the tenant acme. */
export interface SourceUnderTest {
  readonly source: RunSource
  /** Their ids. Default: those names. */
  readonly ids?: Readonly<Record<'reading' | 'failing', string>>
  readonly close: () => Promise<void>
}

/** All events of a run, in pages of `limit`. */
export async function allEvents(source: RunSource, runId: string, limit?: number): Promise<ViewedEvent[]> {
  const events: ViewedEvent[] = []
  for (let after: string | undefined, more = true; more; ) {
    const page = await source.events(runId, after, limit)
    events.push(...page.events)
    after = page.next
    more = page.more
  }
  return events
}

export async function modelOf(source: RunSource, runId: string): Promise<RunModel> {
  const model = emptyRun()
  foldEvents(model, await allEvents(source, runId))
  return model
}

/** What every source of the viewer does. */
export function sourceSuite(name: string, open: () => Promise<SourceUnderTest>): void {
  describe(`runs from ${name}`, () => {
    let tried: SourceUnderTest
    let [reading, failing] = ['reading', 'failing']
    beforeAll(async () => {
      tried = await open()
      if (tried.ids) ({ reading, failing } = tried.ids)
    })
    afterAll(() => tried?.close())

    test('are listed, the latest first, with how they stand', async () => {
      const { runs } = await tried.source.list({})
      expect(runs).toEqual(expect.arrayContaining([expect.objectContaining({ runId: reading, name: 'Reading', status: 'succeeded', tenantId: 'acme', projectId: 'p1' }), expect.objectContaining({ runId: failing, name: 'Failing' })]))
      expect(runs.map(({ startedAt }) => startedAt)).toEqual(runs.map(({ startedAt }) => startedAt).toSorted((a, b) => b - a))
    })

    test('are filtered by status, name and words, and come in pages', async () => {
      const ids = async (query: Parameters<RunSource['list']>[0]) => (await tried.source.list(query)).runs.map(({ runId }) => runId)
      expect(await ids({ name: 'Reading' })).toEqual([reading])
      expect(await ids({ text: 'FAIL acme' })).toEqual([failing])
      expect(await ids({ status: 'cancelled', text: 'acme' })).toEqual([])
      const first = await tried.source.list({ limit: 1, text: 'acme' })
      expect(first.runs).toHaveLength(1)
      const second = await tried.source.list({ limit: 1, text: 'acme', ...(first.next !== undefined && { after: first.next }) })
      expect(second.runs[0]!.runId).not.toBe(first.runs[0]!.runId)
      expect(second.next).toBeUndefined()
    })

    test('tell what happened in them, the same in pages of any size, and nothing twice', async () => {
      const whole = await allEvents(tried.source, reading)
      expect(await allEvents(tried.source, reading, 3)).toEqual(whole)
      expect(whole.map(({ type }) => type)).toEqual(expect.arrayContaining(['run.started', 'track.started', 'step.started', 'step.retrying', 'step.skipped', 'step.succeeded', 'log', 'run.succeeded']))
      const { next } = await tried.source.events(reading, undefined, 10_000)
      expect(await tried.source.events(reading, next)).toEqual({ events: [], next, more: false })
    })

    test('fold into tracks and steps, with attempts, items, skips and errors', async () => {
      const run = await modelOf(tried.source, reading)
      expect(run.status).toBe('succeeded')
      expect(run.steps.get('Reading/Words/Upper/flaky')!.attempts.map(({ error }) => error?.message)).toEqual(['not yet, at attempt 1', 'not yet, at attempt 2', undefined])
      expect(run.steps.get('Reading/Speech/speak')).toMatchObject({ status: 'succeeded', itemCount: 3 })
      expect(run.steps.get('Reading/Words/Lower/notify')!.status).toBe('skipped')
      const broken = await modelOf(tried.source, failing)
      expect(broken.steps.get('Failing/Breaking/broken')).toMatchObject({ status: 'failed', error: { code: 'sample/broken', cause: { message: 'the cable was cut' } } })
      expect(broken.tracks.get('Failing/Behind')).toMatchObject({ status: 'skipped', because: 'Breaking' })
    })

    test('hold inputs and outputs, with secrets and signed URLs blotted out', async () => {
      const { output } = (await modelOf(tried.source, reading)).steps.get('Reading/Speech/split')!
      const value = await tried.source.value(reading, output!)
      expect(value).toMatchObject({ lines: ['one', expect.stringContaining('<script>'), 'three'] })
      expect(JSON.stringify(value)).not.toMatch(/hunter22|abcdef0123/)
    })

    test('that are not there are named, and so are values', async () => {
      await expect(tried.source.run('none')).rejects.toMatchObject({ code: 'viewer/unknown_run' })
      await expect(tried.source.events('none')).rejects.toMatchObject({ code: 'viewer/unknown_run' })
      await expect(tried.source.run(`../${reading}`)).rejects.toMatchObject({ code: 'viewer/unknown_run' })
      for (const reference of ['1.output', '999.input', '../1.input', '__proto__.input', '']) await expect(tried.source.value(reading, reference)).rejects.toMatchObject({ code: 'viewer/unknown_value' })
    })
  })
}
