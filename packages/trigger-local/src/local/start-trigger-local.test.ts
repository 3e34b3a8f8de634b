import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTemplateProject } from '../testing/template-project.ts'
import { startTriggerLocal, type TriggerLocal } from './start-trigger-local.ts'

const project = makeTemplateProject()
project.write('src/trigger/where.ts', `import { task } from '@trigger.dev/sdk'

export const where = task({ id: 'where', run: async () => ({ pid: process.pid, greeted: process.env.GREETED }) })
`)
let local: TriggerLocal

beforeAll(async () => {
  local = await startTriggerLocal({ project: project.folder, env: { GREETED: 'from the test' } })
}, 330_000)
afterAll(async () => {
  await local?.stop()
  project.remove()
})

test('a process takes one run after the other, without a word about that in the config, and has the variables of the test', async () => {
  const outputs = []
  for (let n = 0; n < 3; n += 1) outputs.push((await local.triggerAndWait('where', {})).output)
  expect(outputs).toEqual([outputs[0], outputs[0], outputs[0]])
  expect(outputs[0]).toEqual({ pid: expect.any(Number) as number, greeted: 'from the test' })
})

test('a task that waits for a month has done so when time is moved on', async () => {
  const { id } = await local.trigger('hello-world', { days: 30 })
  await local.runs.untilWaiting(id)
  await local.advance('30d')
  expect(await local.runs.wait(id)).toMatchObject({ status: 'COMPLETED' })
})

test('several tasks in one batch, each with its own end; logs and errors can be read', async () => {
  const { runs } = await local.batch([{ task: 'hello-world', payload: { name: 'a' } }, { task: 'hopeless', payload: {} }])
  const ends = await Promise.all(runs.map((id) => local.runs.wait(id)))
  expect(ends.map(({ status }) => status)).toEqual(['COMPLETED', 'FAILED'])
  await expect.poll(async () => (await local.runs.retrieve(runs[0]!)).logs).toContainEqual(expect.objectContaining({ message: 'Hello, world!' }))
})

test('an answer that is lost on the way to the process is asked for again, by the SDK and the command themselves', async () => {
  await local.fault({ method: 'POST', path: /\/attempts\/complete$/, kind: 'refused' })
  expect(await local.triggerAndWait('hello-world', {})).toMatchObject({ status: 'COMPLETED' })
  expect(local.server.faults).toEqual([])
})

test.for([
  [{ projekt: '.' }, 'Unknown option of startTriggerLocal: projekt'],
  [{ project: '/nowhere' }, 'There is no trigger.config.ts in /nowhere'],
  [{ port: Number.NaN }, 'port of startTriggerLocal must be a whole number from 0 to 65,535, not NaN'],
  [{ maxConcurrentRuns: 0 }, 'maxConcurrentRuns of startTriggerLocal must be a whole number above 0, not 0'],
  [{ version: '9.9' }, 'version of startTriggerLocal must be one of '],
  [{ batchTokens: { max: 5 } }, 'batchTokens of startTriggerLocal must be { max, refill, intervalMs }'],
  [{ project: 5 }, 'project of startTriggerLocal must be a text, not 5'],
  [5, 'startTriggerLocal takes an object of options, not 5'],
  [{ readyTimeoutMs: -1 }, 'readyTimeoutMs of startTriggerLocal must be a whole number above 0, not -1'],
] as const)('%o is refused before anything starts', async ([options, message]) => {
  await expect(startTriggerLocal(options as object)).rejects.toThrow(message)
})
