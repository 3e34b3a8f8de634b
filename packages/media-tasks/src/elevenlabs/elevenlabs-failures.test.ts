import { errorToJson } from '@track-orchestrator/registry'
import type { TestContext } from '@track-orchestrator/registry/testing'
import { describe, expect, test } from 'vitest'
import { apiKey, failure, letters, media, segments, server, speak, start, startFaulty, textOf, useElevenLabs } from '../testing/elevenlabs-speech.ts'
import type { VendorCall, VendorFault } from '../testing/vendor-server.ts'

useElevenLabs()

describe('A batch that fails in the middle', () => {
  const lines = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']
  const ended = (calls: readonly VendorCall[]) => calls.map(textOf)

  test.each([
    ['a connection that is cut', { kind: 'reset' }],
    ['an answer that is cut off', { kind: 'truncated' }],
    ['a service that is down', { kind: 'refused', status: 503, headers: { 'retry-after': '2' } }],
    ['a web page', { kind: 'garbage' }],
  ] satisfies [string, VendorFault][])('by %s and is run again makes no second call for what was spoken', async (_, fault) => {
    let failures = 1
    await start({ fault: (call) => (textOf(call) === 'five' && failures-- > 0 ? fault : undefined) })
    const tenantId = `again-${fault.kind}`
    const error = await failure(segments(...lines), { tenantId })
    expect(error).toMatchObject({ name: 'ProviderError', provider: 'ElevenLabs', retryable: true, message: expect.stringMatching(/^Segment 4 \("five"\): ElevenLabs /) as string })
    const spoken = ended(server.calls)
    await speak(segments(...lines), { tenantId })
    const asked = ended(server.calls)
    // "five" twice, everything else once: what was under way when it failed was heard to the end.
    expect(asked.toSorted()).toEqual([...lines, 'five'].toSorted())
    expect(spoken.length).toBeLessThan(lines.length)
    expect(await media.temporaryFiles()).toEqual([])
  })
})

describe('Too many calls at once', () => {
  const tooMany: VendorFault = { kind: 'refused', status: 429, headers: { 'retry-after': '0' }, body: { detail: { status: 'too_many_concurrent_requests', message: 'Too many concurrent requests' } } }
  const paceOf = (context: TestContext) => context.logged.map(({ fields }) => fields?.['width'])

  test('become fewer, and nothing is lost', async () => {
    await start({ fault: (_call, place) => (place >= 4 && place < 6 ? tooMany : undefined) })
    const { segments: spoken, context } = await speak(segments(...letters(12)), { input: { concurrency: 4 } })
    expect(spoken.map(({ text }) => text)).toEqual(letters(12))
    expect(paceOf(context)[0]).toBe(2)
    expect(server.calls).toHaveLength(14)
  })

  test('fail when even one is too many, and then say how long to wait', async () => {
    await start({ fault: (_call, place) => (place >= 1 ? { ...tooMany, headers: { 'retry-after': '1' } } : undefined) })
    const error = await failure(segments(...letters(4)), { input: { concurrency: 2 } })
    expect(error).toMatchObject({ status: 429, retryAfterMs: 1_000, retryable: true, message: expect.stringContaining('too_many_concurrent_requests: Too many concurrent requests') as string })
    expect(server.calls.length).toBeLessThanOrEqual(5)
  })

  test('fail at once where the service wants a long rest: that is waited for between attempts', async () => {
    await startFaulty({ ...tooMany, headers: { 'retry-after': '60' } })
    expect(await failure(segments('a'))).toMatchObject({ status: 429, retryAfterMs: 60_000 })
    expect(server.calls).toHaveLength(1)
  })
})

describe('When ElevenLabs fails,', () => {
  test('a key that it does not take is not tried again, and not shown', async () => {
    await start({ apiKey: 'another' })
    const error = await failure(segments('Hello'))
    expect(error).toMatchObject({ status: 401, retryable: false, message: 'Segment 0 ("Hello"): ElevenLabs answered 401: invalid_api_key: Invalid API key' })
    expect(JSON.stringify(errorToJson(error))).not.toContain(apiKey)
  })

  test('a refusal that repeats the key does not show it', async () => {
    await startFaulty({ kind: 'refused', status: 400, body: { detail: { status: 'bad', message: `The key ${apiKey} is bad` } } })
    expect(JSON.stringify(errorToJson(await failure(segments('Hello'))))).not.toContain(apiKey)
  })

  test('a voice that it does not have is named', async () => {
    await start({ voices: ['somebody'] })
    expect(await failure(segments('Hello'), { input: { voice: 'rms' } })).toMatchObject({ code: 'media/voice_unknown', retryable: false, message: expect.stringContaining('no voice "rms"') as string })
  })

  test('a malformed request is not tried again', async () => {
    await startFaulty({ kind: 'refused', status: 422, body: { detail: [{ loc: ['body', 'seed'], msg: 'Input should be a valid integer', type: 'int' }] } })
    expect(await failure(segments('Hello'))).toMatchObject({ status: 422, retryable: false, message: expect.stringContaining('Input should be a valid integer') as string })
  })

  test.each([
    ['a web page in place of sound', { kind: 'garbage' }, /answered with text\/html in place of sound/],
    ['sound that is cut off', { kind: 'truncated' }, /could not be reached, or broke off/],
    ['a connection that is cut', { kind: 'reset' }, /could not be reached, or broke off/],
  ] satisfies [string, VendorFault, RegExp][])('%s is worth another try', async (_, fault, message) => {
    await startFaulty(fault)
    const text = 'A sentence that is much longer than forty characters'
    const error = await failure(segments(text))
    expect(error).toMatchObject({ name: 'ProviderError', retryable: true, message: expect.stringMatching(message) as string })
    expect(error.message).toMatch(/^Segment 0 \("A sentence that is much longer than fort…"\): /)
    expect(server.calls).toHaveLength(1)
  })

  test('an answer that begins and never ends is given up in time', async () => {
    await startFaulty({ kind: 'stalled' })
    expect(await failure(segments('Hello'), { options: { timeoutMs: 1_000 } })).toMatchObject({ retryable: true, message: 'Segment 0 ("Hello"): ElevenLabs had not answered to the end after 1 s' })
  })

  test('a cancelled run does not wait for it', async () => {
    await startFaulty({ kind: 'stalled' })
    const cancel = new AbortController()
    const failing = failure(segments('Hello', 'there'), { signal: cancel.signal })
    while (server.calls.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    cancel.abort()
    expect(await failing).toMatchObject({ code: 'cancelled', retryable: false })
    expect(await media.temporaryFiles()).toEqual([])
  })
})
