import { DefinitionError } from '@track-orchestrator/registry'
import { suiteHandlers, suiteTasks } from '@track-orchestrator/core/testing'
import { startTriggerDevServer } from '@track-orchestrator/trigger-local'
import { configure } from '@trigger.dev/sdk'
import { expect, test } from 'vitest'
import { createTriggerWorker } from '../create-trigger-worker.ts'
import { beginScheduled } from './run-schedule.ts'

const payload = { tenantId: 'acme', projectId: 'reports', n: 1 }
const track = { name: 'Nightly', schedule: { cron: '0 3 * * *', timezone: 'Europe/Berlin', payload }, tasks: [{ taskName: 'suite_add' }] }
const worker = (more: object = {}) => createTriggerWorker({ registry: suiteTasks, handlers: suiteHandlers, tracks: [track], ...more })

test('a track with a schedule has a task beside its own, which begins its runs; one without has none', () => {
  const names = Object.keys(worker({ tracks: [track, { name: 'Daily', tasks: [] }], orchestrators: [{ name: 'All', schedule: track.schedule, tracks: [] }] }))
  expect(names.filter((name) => !Object.hasOwn(suiteTasks, name) && name !== 'track-orchestrator-lane')).toEqual(['Daily', 'Nightly', 'Nightly-schedule', 'All', 'All-schedule'].toSorted((a, b) => names.indexOf(a) - names.indexOf(b)))
})

test('a schedule whose task would have the name of something else is refused', () => {
  expect(() => worker({ tracks: [track, { name: 'Nightly-schedule', tasks: [] }] })).toThrow(DefinitionError)
})

test('each time that it comes begins one run, with the payload and the tags of its tenant, however often it is tried', async () => {
  const server = await startTriggerDevServer()
  try {
    configure({ baseURL: server.url, accessToken: server.secretKey })
    const [first, again, next] = [await beginScheduled('Nightly', payload, 'run_1'), await beginScheduled('Nightly', payload, 'run_1'), await beginScheduled('Nightly', payload, 'run_2')]
    expect(again).toEqual(first)
    expect(next).not.toEqual(first)
    expect(server.runs().map(({ task, tags }) => ({ task, tags }))).toEqual([first, next].map(() => ({ task: 'Nightly', tags: ['tenant:acme', 'project:reports'] })))
  } finally {
    await server.close()
  }
})
