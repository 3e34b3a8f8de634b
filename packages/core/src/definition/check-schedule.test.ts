import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { createRunner } from '../in-process/index.ts'
import { toMermaid } from '../mermaid/to-mermaid.ts'
import { suiteHandlers, suiteTasks } from '../testing/suite-tasks.ts'
import { checkOrchestrator } from './check-orchestrator.ts'
import { checkTrack } from './check-track.ts'
import type { TrackDefinition } from './definition.ts'

const payload = { tenantId: 't', projectId: 'p', n: 1 }
const nightly = { cron: '0 3 * * *', payload }
const track = (schedule: object): TrackDefinition => ({ name: 'Nightly', schedule: schedule as never, tasks: [{ taskName: 'suite_add' }] })
const checking = (schedule: object) => () => checkTrack(suiteTasks, track(schedule))

test.each(['0 3 * * *', '*/15 8-18 * * 1-5', '0 0 29 2 *', '0 9 L * *', '0 9 ? * 5#2'])('%s comes', (cron) => {
  expect(checking({ ...nightly, cron, timezone: 'Europe/Berlin' })).not.toThrow()
})

test.each([
  ['four fields', { cron: '0 3 * *' }, /schedule\.cron: "0 3 \* \*" has not five fields/],
  ['seconds, which not every server knows', { cron: '0 0 3 * * *' }, /has not five fields/],
  ['a name for them', { cron: '@daily' }, /has not five fields/],
  ['an hour that there is not', { cron: '0 25 * * *' }, /cannot be read/],
  ['a day that there never is', { cron: '0 0 31 2 *' }, /never comes/],
  ['a time zone that there is not', { timezone: 'Europe/Berlim' }, /there is no time zone "Europe\/Berlim"/],
  ['the weekday nearest to a date, which the server does not know', { cron: '0 0 15W * *' }, /cannot be read: Trigger.dev knows no W/],
  ['a date that is a weekday, too', { cron: '0 0 1 * +1' }, /Trigger.dev knows no W, \+/],
  ['any minute, as ?', { cron: '? * * * *' }, /no \? but for days/],
  ['a day that is too late, which is told as it was written', { cron: '0 0 32 * *' }, /"0 0 32 \* \*" cannot be read: Invalid value for day\. Five/],
  ['a text without end, of which the beginning is told', { cron: 'x'.repeat(1_000) }, /"x{60}…" has not five fields/],
  ['an offset, which is no zone', { timezone: '+01:00' }, /there is no time zone "\+01:00"/],
  ['no tenant', { payload: { projectId: 'p', n: 1 } }, /schedule\.payload\.tenantId/],
  ['a date', { payload: { ...payload, at: new Date(0) } }, /schedule\.payload\.at/],
  ['what its first task does not take', { payload: { ...payload, n: 'one' } }, /schedule\.payload\.n/],
  ['a misspelt word', { timeZone: 'UTC' }, /Did you mean "timezone"/],
])('a schedule with %s is an error of the definition', (_, more, message) => {
  expect(checking({ ...nightly, ...more })).toThrow(message)
})

test('the payload of an orchestrator is checked by its schema', () => {
  const orchestrator = (n: unknown) => ({ name: 'All', input: z.object({ n: z.number() }), schedule: { ...nightly, payload: { ...payload, n } }, tracks: [{ name: 'One', tasks: [] }] })
  expect(() => checkOrchestrator(suiteTasks, orchestrator(1))).not.toThrow()
  expect(() => checkOrchestrator(suiteTasks, orchestrator('one'))).toThrow(/Orchestrator "All": schedule\.payload\.n/)
})

test('a runner of this process says that a schedule begins nothing in it, and runs the track when it is asked to', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const runner = createRunner({ registry: suiteTasks, handlers: suiteHandlers, tracks: [track(nightly)] })
  expect(warned.mock.calls.map(([message]) => message)).toEqual([expect.stringMatching(/^Nightly: a schedule begins runs on Trigger\.dev only/)])
  warned.mockRestore()
  expect(await runner.runTrack(track(nightly), payload)).toEqual({ n: 2 })
})

test('a picture says when', () => {
  expect(toMermaid(track({ ...nightly, timezone: 'Europe/Berlin' }))).toContain('at 0 3 #42; #42; #42; Europe/Berlin')
})
