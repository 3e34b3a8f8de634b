import { TerminalError } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { callProvider } from './call-provider.ts'

const options = { provider: 'P', apiKey: 'the-secret-key', signal: new AbortController().signal, timeoutMs: 5_000, explain: (body: unknown) => body as string | undefined }
const fail = (error: unknown) => callProvider(options, () => Promise.reject(error)).catch((thrown: unknown) => thrown)

test('the innermost reason of a failed connection is told, with its code', async () => {
  const socket = Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' })
  const error = await fail(new Error('SDK', { cause: new TypeError('fetch failed', { cause: socket }) }))
  expect(error).toMatchObject({ name: 'ProviderError', retryable: true, status: undefined, message: 'P could not be reached, or broke off: connect refused (ECONNREFUSED)' })
})

test('a long refusal is shortened, in one line, without the key', async () => {
  const error = (await fail({ statusCode: 400, body: `the-secret-key\n\n${'x'.repeat(1_000)}` })) as Error
  expect(error.message).toMatch(/^P answered 400: \[redacted\] x+…$/)
  expect(error.message.length).toBeLessThan(530)
})

test('an error of our own goes through as it is', async () => {
  const own = new TerminalError('ours')
  expect(await fail(own)).toBe(own)
})
