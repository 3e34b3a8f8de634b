import { ContractError, errorToJson, ProviderError, TerminalError, TracksError } from '@track-orchestrator/registry'
import { serverVersions, type ServerVersionName } from '@track-orchestrator/trigger-local'
import { parseError } from '@trigger.dev/core/v3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readLine, stackWithLine } from './error-line.ts'

const place = { track: 'Long', step: 'one', taskName: 't', attempt: 2 }
const versions = Object.keys(serverVersions) as ServerVersionName[]

/** What is read of the error once a worker has sent it and a server of that version has kept and told it. */
function crossed(error: TracksError, version: ServerVersionName) {
  const { stack } = stackWithLine(error, errorToJson(error))
  const thrown = Object.assign(new Error(error.message), { name: 'AbortTaskRunError', stack })
  const rules = serverVersions[version]
  const outcome = rules.outcome.safeParse({ ok: false, id: 'run_1', error: parseError(thrown) })
  if (!outcome.success || outcome.data.ok) throw new Error('the version does not take the outcome of an attempt')
  const told = rules.show(rules.keep(outcome.data.error))
  return readLine({ message: told.message, stack: told.stackTrace })
}

test.each(versions)('on %s an ordinary error is whole: no metadata need be read', (version) => {
  for (const error of [
    new TerminalError('no audio', { code: 'media/no_audio', place }),
    new ProviderError('busy\nand\ttired, für 時', { provider: 'Deepgram', status: 429, retryAfterMs: 30_000, place }),
    new ContractError('t', 'output', [{ path: ['a', 0, '\0'], message: 'expected "string"' }], place),
    new TracksError('', { code: 'task_failed', retryable: true }),
  ]) expect(crossed(error, version)).toEqual({ json: errorToJson(error), isWhole: true })
})

test.each(versions)('on %s an error of any length keeps its code, place and whether to retry it', (version) => {
  const issues = Array.from({ length: 500 }, (_, index) => ({ path: [index], message: 'expected another kind of thing altogether' }))
  const deep = new ProviderError('m\n'.repeat(5_000), { provider: 'p', cause: new Error('c'.repeat(5_000)), place })
  for (const error of [new ContractError('t', 'input', issues, place), deep]) {
    const told = crossed(error, version)
    expect(told?.isWhole).toBe(false)
    expect(told?.json).toMatchObject({ name: error.name, code: error.code, retryable: error.retryable, place })
  }
})

test('whatever an error says, every server hands on its code and place', () => {
  const name = fc.string({ unit: 'binary', maxLength: 128 })
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), name, name, fc.constantFrom(...versions), (message, track, step, version) => {
    const error = new TracksError(message, { code: 'task_failed', retryable: true, place: { track, step, item: 3 } })
    expect(crossed(error, version)?.json).toMatchObject({ code: error.code, retryable: true, place: JSON.parse(JSON.stringify(error.place)) as object })
  }), { numRuns: 60 })
})

test('an error that is not ours has no line', () => {
  expect(readLine({ message: 'x', stack: new Error('x').stack })).toBeUndefined()
  expect(readLine({ message: 'x', stack: undefined })).toBeUndefined()
  expect(readLine({ message: 'x', stack: 'Error: x\ntrack-orchestrator: {"code":' })).toBeUndefined()
})

test('a stack still begins with the message and ends with its frames', () => {
  const error = new TerminalError('told\nin two lines')
  const lines = stackWithLine(error, errorToJson(error)).stack.split('\n')
  expect(lines[0]).toBe('TerminalError: told')
  expect(lines[2]).toMatch(/^ +at .*error-line\.test\.ts/)
})
