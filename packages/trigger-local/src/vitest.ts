import { startTriggerLocal } from './local/start-trigger-local.ts'
import type { TriggerLocalOptions } from './local/trigger-local-options.ts'
import { connectTriggerLocal, type TriggerLocalClient } from './client/trigger-local-client.ts'

const urlVariable = 'TRIGGER_API_URL'
const keyVariable = 'TRIGGER_SECRET_KEY'

/**
 * What vitest calls before all test files, and after them: one `trigger dev` for all. In a file named in `globalSetup`:
 * `export default triggerLocalSetup({ project: '.' })`. The tests get TRIGGER_API_URL and TRIGGER_SECRET_KEY, so the SDK in them
 * and in the code that they test calls the local server, too.
 */
export function triggerLocalSetup(options: TriggerLocalOptions = {}): () => Promise<() => Promise<void>> {
  return async () => {
    const local = await startTriggerLocal(options)
    const before = { [urlVariable]: process.env[urlVariable], [keyVariable]: process.env[keyVariable] }
    Object.assign(process.env, { [urlVariable]: local.url, [keyVariable]: local.secretKey })
    return async () => {
      await local.stop()
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
    }
  }
}

/** `globalSetup: ['@track-orchestrator/trigger-local/vitest']`: the project in the working folder, and no options. */
export default triggerLocalSetup()

/** The server that `triggerLocalSetup` started, for a test file. Throws where there is none: the tests would call Trigger.dev's cloud. */
export function triggerLocal(): TriggerLocalClient {
  const [url, secretKey] = [process.env[urlVariable], process.env[keyVariable]]
  if (url === undefined || secretKey === undefined || !/^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(url)) {
    throw new Error("No trigger-local runs for these tests. Name it in vitest's config: test: { globalSetup: ['@track-orchestrator/trigger-local/vitest'] }")
  }
  return connectTriggerLocal({ url, secretKey })
}
