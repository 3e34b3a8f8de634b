import { ContractError, errorToJson, ProviderError, TerminalError, TracksError } from '@track-orchestrator/registry'
import { serverVersions, type ServerVersionName } from '@track-orchestrator/trigger-local'
import { createErrorTaskError, parseError } from '@trigger.dev/core/v3/errors'
import { describe, expect, test } from 'vitest'
import { errorOf, errorOfRun, fromTriggerError, toTriggerError, type ThrowOptions } from './trigger-error.ts'

const place = { track: 'Größe', step: '翻訳', taskName: 't', attempt: 2, item: 3 }
class QuotaError extends ProviderError {
  readonly quota = { left: 0 }
  override name = 'QuotaError'
}

const ordinary = [
  new ContractError('t', 'output', [{ path: ['a', 0], message: 'expected string' }], place),
  new ProviderError('busy', { provider: 'P', status: 429, retryAfterMs: 5, place }),
  new QuotaError('used up', { provider: 'P', status: 402, place }),
  new TerminalError('no audio', { code: 'media/no_audio', place }),
  new TracksError('odd "quotes" \u2028 \0 and\nlines\n    at nowhere (x.ts:1:1)', { code: 'task_failed', retryable: true, place }),
]
const issues = Array.from({ length: 1_000 }, (_, index) => ({ path: ['list', index, 'name'], message: 'Invalid input: expected string, received number' }))
const long = [
  new ContractError('t', 'input', issues, place),
  new ProviderError('語'.repeat(9_000), { provider: 'P', status: 503, retryAfterMs: 60_000, place, cause: new Error('c'.repeat(2_000)) }),
]

describe.each(Object.keys(serverVersions) as ServerVersionName[])('on a server of %s', (version) => {
  /** What the run that waits is handed, and what a backend retrieves, of a run that ends with the error. */
  function across(error: TracksError, options?: ThrowOptions) {
    const { thrown, rest } = toTriggerError(error, options)
    const rules = serverVersions[version]
    const outcome = rules.outcome.safeParse(JSON.parse(JSON.stringify({ ok: false, id: 'run_1', error: parseError(thrown) })))
    if (!outcome.success || outcome.data.ok) throw new Error('the version does not take the outcome of an attempt')
    const kept = rules.keep(outcome.data.error)
    const metadata = rest && { trackOrchestrator: JSON.parse(JSON.stringify({ error: rest })) as object }
    return { handed: createErrorTaskError(JSON.parse(JSON.stringify(kept)) as never), retrieved: { status: 'FAILED', error: rules.show(kept), metadata } }
  }

  test.each(ordinary)('an error as people throw it is whole for whoever waits, with no question to the server: %s', (error) => {
    const { handed, retrieved } = across(error)
    expect(errorToJson(fromTriggerError(handed))).toEqual(errorToJson(error))
    expect(errorToJson(errorOfRun(retrieved))).toEqual(errorToJson(error))
    expect(retrieved.metadata).toBeUndefined()
  })

  test.each(long)('a long error is whole where the run’s metadata can be read, and keeps code, place and retryAfterMs where it cannot', (error) => {
    const { handed, retrieved } = across(error)
    expect(errorToJson(errorOfRun(retrieved))).toEqual(errorToJson(error))
    expect(errorToJson(errorOf(handed, retrieved))).toEqual(errorToJson(error))
    const { code, retryable, retryAfterMs } = error
    for (const read of [errorOf(handed, undefined), errorOfRun({ error: retrieved.error })]) {
      expect(read).toMatchObject({ code, retryable, place })
      expect(read.retryAfterMs).toBe(retryAfterMs)
      expect(read.message.slice(0, 900)).toBe(error.message.slice(0, 900))
    }
  })

  test.each([...ordinary, ...long])('an error of a run that a person triggered shows its place first, and is read as it was: %s', (error) => {
    const { retrieved } = across(error, { showsPlace: true })
    expect(retrieved.error.message).toContain(`Größe > 翻訳 (item 3): ${error.message.slice(0, 10)}`)
    expect(errorToJson(errorOfRun(retrieved))).toEqual(errorToJson(error))
  })

  test('metadata that an earlier attempt wrote is not taken for the last one’s', () => {
    const earlier = across(new ContractError('t', 'input', issues, { ...place, attempt: 1 }))
    const last = across(new ContractError('t', 'input', issues, { ...place, attempt: 2 }))
    expect(errorOfRun({ ...last.retrieved, metadata: earlier.retrieved.metadata }).place?.attempt).toBe(2)
  })
})

test('what can never work aborts the run; what may work does not, but for a whole walk, whose error still says that it may', () => {
  const busy = new ProviderError('x', { provider: 'P', status: 503 })
  expect(toTriggerError(new TerminalError('x')).thrown.name).toBe('AbortTaskRunError')
  expect(toTriggerError(busy).thrown.name).not.toBe('AbortTaskRunError')
  const { thrown } = toTriggerError(busy, { isFinal: true })
  expect(thrown.name).toBe('AbortTaskRunError')
  expect(fromTriggerError(thrown).retryable).toBe(true)
})

test('the ends of items are had where there is room for them, and are the first to go', () => {
  const withItems = (count: number) => Object.defineProperty(new TerminalError('an item failed', { place }), 'items', { value: Array.from({ length: count }, () => ({ status: 'succeeded', output: 'x'.repeat(100) })) })
  const read = ({ thrown, rest }: ReturnType<typeof toTriggerError>) => errorOf(Object.assign(new Error(thrown.message), { stack: thrown.stack }), rest && { metadata: { trackOrchestrator: { error: JSON.parse(JSON.stringify(rest)) as object } } })
  expect(read(toTriggerError(withItems(500))).items).toHaveLength(500)
  expect(read(toTriggerError(withItems(5_000)))).toMatchObject({ message: 'an item failed', place })
  expect(read(toTriggerError(withItems(5_000))).items).toBeUndefined()
})

test('an error larger than metadata may be loses issues, not its place', () => {
  const { rest } = toTriggerError(new ContractError('t', 'input', Array.from({ length: 20_000 }, () => issues[0]!), place))
  expect(JSON.stringify(rest).length).toBeLessThan(100_000)
  expect(rest).toMatchObject({ code: 'contract_violated', place })
  expect(rest!.issues!.length).toBeGreaterThan(100)
})

test('a run that says nothing of its failure is told by its status', () => {
  expect(errorOfRun({ status: 'EXPIRED' }).message).toBe('The run ended as EXPIRED')
  expect(errorOfRun({ status: 'SYSTEM_FAILURE' })).toMatchObject({ code: 'engine/system_failure', message: 'The run ended as SYSTEM_FAILURE' })
  expect(errorOfRun({ status: 'CANCELED' })).toMatchObject({ code: 'cancelled', message: 'The run was cancelled' })
})

test.each([
  ['Canceled by user', 'CANCELED', 'cancelled', false],
  ['Dev session ended (CLI exited)', 'CANCELED', 'cancelled', false],
  ['cancelled the subscription of this customer', 'FAILED', 'task_failed', true],
  ['Run expired because the TTL (10m) was reached', 'EXPIRED', 'engine/run_expired', true],
  [Object.assign(new Error('too long'), { name: 'MAX_DURATION_EXCEEDED' }), undefined, 'timed_out', true],
  [new Error('plain'), 'CRASHED', 'engine/run_crashed', true],
  [{ odd: true }, 'FAILED', 'task_failed', true],
  [undefined, 'FAILED', 'task_failed', true],
])('%s of a run that is %s is %s: the status counts, not the words', (raw, status, code, retryable) => {
  expect(errorOf(raw, { status })).toMatchObject({ code, retryable })
})

test.each(['CANCELED', 'TIMED_OUT', 'CRASHED', 'SYSTEM_FAILURE'])('a run that is %s is not told by what an earlier attempt of it has thrown', (status) => {
  const error = errorToJson(new TerminalError('of the first attempt', { code: 'media/no_audio' }))
  const run = { error: { message: 'the end' }, metadata: { trackOrchestrator: { error } } }
  expect(errorOfRun({ ...run, status: 'FAILED' })).toMatchObject({ code: 'media/no_audio' })
  expect(errorOfRun({ ...run, status })).toMatchObject({ message: 'the end', code: expect.not.stringMatching('media/no_audio') as string })
})
