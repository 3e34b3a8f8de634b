import { ContractError, errorToJson, ProviderError, TerminalError, TracksError } from '@track-orchestrator/registry'
import { createErrorTaskError, parseError } from '@trigger.dev/core/v3/errors'
import { expect, test } from 'vitest'
import { fromTriggerError, toTriggerError } from './trigger-error.ts'

/** The road that an error takes from run to run, by Trigger.dev's own code. */
const across = (error: unknown): unknown => createErrorTaskError(JSON.parse(JSON.stringify(parseError(error))) as never)
const place = { track: 'T', step: 's', taskName: 't', attempt: 2 }

test.each([
  new ContractError('t', 'output', [{ path: ['a', 0], message: 'expected string' }], place),
  new ProviderError('busy', { provider: 'P', status: 429, retryAfterMs: 5, place }),
  new TerminalError('no audio', { code: 'media/no_audio', place }),
  new TracksError('odd "quotes" \u2028 and\nlines', { code: 'task_failed', retryable: true, place }),
])('%s keeps its class, code, place and issues on the road between runs', (error) => {
  const back = fromTriggerError(across(toTriggerError(error)))
  expect(errorToJson(back)).toEqual(errorToJson(error))
})

test('what can never work aborts the run; what may work does not', () => {
  expect(toTriggerError(new TerminalError('x')).name).toBe('AbortTaskRunError')
  expect(toTriggerError(new ProviderError('x', { provider: 'P' })).name).not.toBe('AbortTaskRunError')
})

test('a contract error with a thousand issues arrives with as many as fit', () => {
  const issues = Array.from({ length: 1_000 }, (_, index) => ({ path: ['list', index, 'name'], message: 'Invalid input: expected string, received number' }))
  const back = fromTriggerError(across(toTriggerError(new ContractError('t', 'input', issues)))) as ContractError
  expect(back).toMatchObject({ code: 'contract_violated', side: 'input' })
  expect(back.issues.length).toBeGreaterThan(10)
  expect(back.issues).toEqual(issues.slice(0, back.issues.length))
})

test.each([
  ['Canceled by user', 'cancelled', false],
  [Object.assign(new Error('too long'), { name: 'MAX_DURATION_EXCEEDED' }), 'timed_out', true],
  [new Error('plain'), 'task_failed', true],
  [{ odd: true }, 'task_failed', true],
])('%s becomes %s', (raw, code, retryable) => {
  expect(fromTriggerError(raw)).toMatchObject({ code, retryable })
})
