import { expect, test } from 'vitest'
import { startTriggerDevServer } from './start-trigger-dev-server.ts'

test.each([
  [{ port: 'x' }, 'port of startTriggerDevServer must be a whole number from 0 to 65,535, not "x"'],
  [{ maxConcurrentRuns: 0 }, 'maxConcurrentRuns of startTriggerDevServer must be a whole number above 0, not 0'],
  [{ batchItemMs: Number.NaN }, 'batchItemMs of startTriggerDevServer must be a whole number from 0 up, not NaN'],
  [{ stallTimes: { EXECUTING: Number.POSITIVE_INFINITY } }, 'stallTimes of startTriggerDevServer must be milliseconds by the name of a state'],
  [{ version: 'constructor' }, 'version of startTriggerDevServer must be one of '],
  [{ host: '' }, 'host of startTriggerDevServer must be a text, not ""'],
])('%o is refused before anything starts', async (options, message) => {
  await expect(startTriggerDevServer(options as object)).rejects.toThrow(message)
})

test('what is undefined is the default', async () => {
  const server = await startTriggerDevServer({ port: undefined, maxConcurrentRuns: undefined, version: undefined, batchTokens: undefined } as object)
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  await server.close()
})
