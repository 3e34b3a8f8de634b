import { expect, test } from 'vitest'
import { ContractError } from './contract-error.ts'
import { DefinitionError } from './definition-error.ts'
import { errorFromJson, errorToJson, toTracksError } from './error-json.ts'
import { ProviderError } from './provider-error.ts'
import { TerminalError } from './terminal-error.ts'
import { TracksError } from './tracks-error.ts'

const place = { track: 'T', step: 's', taskName: 't', attempt: 2 }

test.each([
  new ContractError('t', 'output', [{ path: ['a', 0], message: 'expected string' }], place),
  new ProviderError('busy', { provider: 'P', status: 429, retryAfterMs: 5, cause: new TypeError('fetch failed'), place }),
  new ProviderError('reset', { provider: 'P' }),
  new TerminalError('no audio', { code: 'media/no_audio', place }),
  new DefinitionError('a cycle'),
  new TracksError('cancelled', { code: 'cancelled', retryable: false }),
])('$name survives the road through JSON', (error) => {
  const json = errorToJson(error)
  const back = errorFromJson(structuredClone(JSON.parse(JSON.stringify(json))) as typeof json)
  expect(back).toBeInstanceOf(error.constructor)
  expect(errorToJson(back)).toEqual(json)
})

test.each([
  [undefined, true],
  [400, false],
  [401, false],
  [404, false],
  [408, true],
  [409, true],
  [429, true],
  [500, true],
  [503, true],
])('a provider that answers %s is asked again: %s', (status, retryable) => {
  expect(new ProviderError('x', { provider: 'P', status }).retryable).toBe(retryable)
})

test('what is not ours becomes a retryable task_failed around it', () => {
  const thrown = new RangeError('out of range')
  expect(toTracksError(thrown)).toMatchObject({ code: 'task_failed', retryable: true, message: 'out of range', cause: thrown })
  expect(toTracksError('just text').message).toBe('just text')
  expect(toTracksError(undefined).message).toBe('a thrown undefined')
})

test('an error of another copy of this package is recognised', () => {
  const foreign = Object.assign(Object.create({ [Symbol.for('@track-orchestrator/error')]: true }) as object, { code: 'terminal' })
  expect(TracksError.is(foreign)).toBe(true)
  expect(TracksError.is(new Error('plain'))).toBe(false)
})

test('a message lists the first issues only, and never a secret', () => {
  const issues = Array.from({ length: 8 }, (_, index) => ({ path: [index], message: 'bad' }))
  expect(new ContractError('t', 'input', issues).message).toContain('and 3 more')
  expect(new TerminalError('GET https://a.b/c?X-Amz-Signature=abcdef failed').message).toBe('GET https://a.b/c?[redacted] failed')
})
