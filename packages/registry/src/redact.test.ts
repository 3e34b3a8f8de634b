import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redact, redactValue } from './redact.ts'

test.each([
  ['https://b.r2.cloudflarestorage.com/k.mp4?X-Amz-Algorithm=AWS4&X-Amz-Signature=deadbeef end', 'https://b.r2.cloudflarestorage.com/k.mp4?[redacted] end'],
  ['ftp://joe:pass@host/file', 'ftp://[redacted]@host/file'],
  ['Authorization: Bearer abc.def-123', 'Authorization: [redacted]'],
  ['authorization: Token 0123456789abcdef', 'authorization: [redacted]'],
  ['"xi-api-key":"0123456789"', '"xi-api-key":"[redacted]"'],
  ['key sk_live_0123456789 leaked', 'key [redacted] leaked'],
  ['key sk-proj-0123456789abcdef leaked', 'key [redacted] leaked'],
  ['eyJhbGciOiJI.eyJzdWIiOiIx.sflKxwRJSM', '[redacted]'],
])('%s is blotted', (text, blotted) => {
  expect(redact(text)).toBe(blotted)
})

test.each(['https://host/a?page=2', 'Bearer of news', 'task_failed', 'a key to the door', 'media/no_audio'])('%s is left alone', (text) => {
  expect(redact(text)).toBe(text)
})

test('values under telling keys are blotted whole, whatever they are', () => {
  expect(redactValue({ apiKey: 'x', SUPABASE_SERVICE_ROLE_KEY: 'y', nested: [{ authorization: { a: 1 } }], tokens: 5, keyterms: ['a'] })).toEqual({
    apiKey: '[redacted]',
    SUPABASE_SERVICE_ROLE_KEY: '[redacted]',
    nested: [{ authorization: '[redacted]' }],
    tokens: 5,
    keyterms: ['a'],
  })
})

test('blotting what is blotted changes nothing, and nothing is too odd for it', () => {
  fc.assert(fc.property(fc.anything(), (value) => {
    const once = redactValue(value)
    expect(redactValue(once)).toEqual(once)
  }))
  fc.assert(fc.property(fc.string(), (text) => { expect(redact(redact(text))).toBe(redact(text)) }))
})
