import { createJsonErrorObject, sanitizeError, TaskRunExecutionResult, type TaskRunError } from '@trigger.dev/core/v3'
import * as errorsOf440 from 'trigger-core-4.4/v3/errors'
import { TaskRunExecutionResult as OutcomeOf440 } from 'trigger-core-4.4/v3/schemas'
import * as errorsOf4512 from 'trigger-core-4.5/v3/errors'
import { TaskRunExecutionResult as OutcomeOf4512 } from 'trigger-core-4.5/v3/schemas'
import { expect, test } from 'vitest'
import { trigger, waitForRun } from '../client/trigger-and-wait.ts'
import { startTriggerDevServer } from '../server/start-trigger-dev-server.ts'
import { startFakeWorker } from '../testing/fake-worker.ts'
import { serverVersions, type ServerVersionName } from './server-version.ts'

// What a worker sends: uncut, so that what is cut was cut by the server.
const frames = Array.from({ length: 60 }, (_, number) => `    at step${number} (steps.ts:${number}:1)`)
const longLine = 'l'.repeat(2_000)
const sent = {
  type: 'BUILT_IN_ERROR', name: 'OwnError', message: 'm'.repeat(3_000), stackTrace: ['OwnError: told', longLine, ...frames].join('\n'),
  causes: [{ name: 'Inner', message: 'why' }],
} as TaskRunError

interface Kept { message: string; stackTrace: string; causes?: unknown }

/** The error of a run that failed with `error`: as a waiting run is handed it, and as the API tells it. */
async function keptBy(version: ServerVersionName, error: TaskRunError): Promise<{ handed: Kept & { raw?: string }; told: Kept }> {
  const server = await startTriggerDevServer({ version })
  try {
    const worker = await startFakeWorker(server, [{ id: 'parent' }, { id: 'child' }])
    await trigger(server, 'parent', 0)
    const parent = await worker.takeOne()
    const { id } = await parent.trigger('child', 0, { resumeParentOnCompletion: true })
    await (await worker.takeOne()).fail(error)
    const [waited] = await parent.resumed()
    return { handed: JSON.parse(waited!.output!) as Kept, told: (await waitForRun(server, id)).error as Kept }
  } finally {
    await server.close()
  }
}

test.each([
  ['4.4.0', 3_000, false],
  ['4.5.12', 1_000, false],
  ['4.8.3', 1_000, true],
] as const)('%s keeps %i characters of a message, and causes: %s', async (version, characters, causes) => {
  const { handed, told } = await keptBy(version, sent)
  for (const error of [handed, told]) {
    expect(error).toMatchObject({ name: 'OwnError', message: expect.stringMatching(new RegExp(`^m{${characters}}(\\.\\.\\.\\[truncated\\])?$`)) as string })
    expect(error.causes !== undefined).toBe(causes)
    expect(error.stackTrace.split('\n').slice(0, 2)).toEqual(['OwnError: told', version === '4.4.0' ? longLine : `${'l'.repeat(1_024)}...[truncated]`])
    expect(error.stackTrace.includes('10 frames omitted')).toBe(version !== '4.4.0')
  }
})

test.each(Object.keys(serverVersions) as ServerVersionName[])('%s keeps 16,384 characters of a stack, however many lines stand before its frames', async (version) => {
  const { handed } = await keptBy(version, { ...sent, stackTrace: 'a line of the message\n'.repeat(5_000) } as TaskRunError)
  expect(handed.stackTrace).toHaveLength(16_384)
})

test('thrown JSON of more than 1,000 characters becomes another object on 4.5.12', async () => {
  const { handed } = await keptBy('4.5.12', { type: 'CUSTOM_ERROR', raw: JSON.stringify({ code: 'c'.repeat(2_000) }) })
  expect(JSON.parse(handed.raw!)).toEqual({ truncated: true, preview: expect.stringMatching(/^\{"code":"c+$/) as string })
})

// Each version against what it published: its schema of outcomes, how it cleans an error, and how it tells one.
interface Published { outcome: { parse(value: unknown): unknown }; sanitizeError(this: void, error: TaskRunError): TaskRunError; createJsonErrorObject(this: void, error: TaskRunError): unknown }
const published: Record<ServerVersionName, Published> = {
  '4.4.0': { outcome: OutcomeOf440, ...(errorsOf440 as unknown as Omit<Published, 'outcome'>) },
  '4.5.12': { outcome: OutcomeOf4512, ...(errorsOf4512 as unknown as Omit<Published, 'outcome'>) },
  '4.8.3': { outcome: TaskRunExecutionResult, sanitizeError, createJsonErrorObject },
}
const errors = [
  sent,
  { ...sent, name: 'null\0name', message: 'null\0text' },
  { type: 'STRING_ERROR', raw: `\0${'r'.repeat(1_500)}` },
  { type: 'CUSTOM_ERROR', raw: JSON.stringify({ code: 'c'.repeat(1_500) }) },
  { type: 'INTERNAL_ERROR', code: 'TASK_RUN_CRASHED', message: 'm'.repeat(1_500), stackTrace: `at\0\n${longLine}` },
  { type: 'INTERNAL_ERROR', code: 'TASK_RUN_CRASHED' },
] as TaskRunError[]

test.each(Object.keys(serverVersions) as ServerVersionName[])('%s reads, keeps and tells errors as the version that was published', (name) => {
  const { outcome, sanitizeError: clean, createJsonErrorObject: tell } = published[name]
  for (const error of errors) {
    const completion = { ok: false, id: 'run_1', error, unknown: 1 }
    const read = serverVersions[name].outcome.safeParse(completion)
    const expected = outcome.parse(completion) as { error: TaskRunError }
    expect(read).toEqual({ success: true, data: expected })
    // Beside what the run engine cuts, in any version: none of these errors is as long as that.
    expect(serverVersions[name].keep(expected.error)).toEqual(clean(expected.error))
    expect(serverVersions[name].show(clean(expected.error))).toEqual(tell(clean(expected.error)))
  }
})
