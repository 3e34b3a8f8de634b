import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ClaimCheck, readClaim } from './claim-check.ts'
import { openOutput } from './open-output.ts'

function memoryStore() {
  const kept = new Map<string, string>()
  return {
    kept,
    put: async (key: string, json: string) => void kept.set(key, json),
    get: async (key: string) => kept.get(key) ?? Promise.reject(new Error('nothing there')),
  }
}
const big = { text: 'é'.repeat(200) }

test('what travels is JSON: undefined does not', async () => {
  const { value } = await new ClaimCheck({}).handIn({ a: 1, b: undefined }, 'run_1', 'it')
  expect(Object.keys(value as object)).toEqual(['a'])
})

test('what travels is what the JSON of the value says, whatever the value is', async () => {
  const claims = new ClaimCheck({})
  const values = fc.anything({ key: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor')), values: [fc.string(), fc.double(), fc.boolean(), fc.constantFrom(undefined, null, -0)], withDate: true, withNullPrototype: true, withSparseArray: true, withBoxedValues: true })
  await fc.assert(fc.asyncProperty(values.filter((value) => value !== undefined), async (value) => {
    const { value: sent } = await claims.handIn(value, 'run_1', 'it')
    expect(isDeepStrictEqual(sent, JSON.parse(JSON.stringify(value)))).toBe(true)
  }))
})

test('small values travel as they are, with a store and without, whatever their keys are called', async () => {
  const store = memoryStore()
  for (const claims of [new ClaimCheck({ payloadStore: store }), new ClaimCheck({})]) for (const value of [{ a: 1 }, { $claim: 'payloads/other/secret.json', sizeBytes: 1 }, { claim: { hash: 'f'.repeat(64), sizeBytes: 1 } }, [], null, 0, '']) {
    const handed = await claims.handIn(value, 'run_1', 'it')
    expect(handed).toEqual({ value })
    expect(await claims.takeOut(handed, 'run_1', 'it')).toEqual(value)
  }
  expect(store.kept.size).toBe(0)
})

test('big values travel as claims, unseen by those at the ends, and are stored once below the run of the walk', async () => {
  const store = memoryStore()
  const claims = new ClaimCheck({ payloadStore: store, inlineLimitBytes: 100 })
  const handed = await claims.handIn(big, 'run_1', 'it')
  expect(JSON.stringify(handed).length).toBeLessThan(200)
  expect(await claims.takeOut(handed, 'run_1', 'it')).toEqual(big)
  await claims.handIn(big, 'run_1', 'it')
  await claims.handIn(big, 'run_1#2', 'it')
  expect([...store.kept.keys()]).toEqual([expect.stringMatching(/^payloads\/run_1\/[0-9a-f]{64}\.json$/)])
})

test('a claim leads nowhere but below the run of the reader’s own walk', async () => {
  const store = memoryStore()
  const claims = new ClaimCheck({ payloadStore: store, inlineLimitBytes: 100 })
  const ofOther = await claims.handIn(big, 'run_other', 'it')
  await expect(claims.takeOut(ofOther, 'run_mine', 'The input')).rejects.toMatchObject({ code: 'engine/payload_store', message: expect.stringContaining('payloads/run_mine/') as string })
  for (const walkId of ['../run_other', 'run_mine/../run_other', '', '..', 'a\\b', 'run 1']) {
    await expect(claims.takeOut(ofOther, walkId, 'The input')).rejects.toThrow('is no id of a run')
  }
})

test('a backend opens the output of a run that lies in the store: of a track, of a resumed one, and of a task, in its envelope', async () => {
  const store = memoryStore()
  const claims = new ClaimCheck({ payloadStore: store, inlineLimitBytes: 100 })
  const { claim: output } = await claims.handIn(big, 'run_1', 'it')
  const ofRun = (id: string, carried: object) => ({ id, metadata: { trackOrchestrator: { output, ...carried } } })
  expect(await openOutput(ofRun('run_1', {}), store)).toEqual(big)
  expect(await openOutput(ofRun('run_2', { walk: { walkId: 'run_1', earlierRuns: ['run_1'] } }), store)).toEqual(big)
  expect(await openOutput({ ...ofRun('run_1', {}), output: { job: { taskName: 'write' } } }, store)).toEqual({ job: { taskName: 'write' }, results: big })
  expect(await openOutput({ id: 'run_1', output: { $claim: 'mine' }, metadata: {} })).toEqual({ $claim: 'mine' })
  await expect(openOutput(ofRun('run_1', {}))).rejects.toThrow('The output of run_1 lies in the payload store: give openOutput the store as well.')
})

test('what was changed in the store is not taken for what was put there', async () => {
  const store = memoryStore()
  const claims = new ClaimCheck({ payloadStore: store, inlineLimitBytes: 100 })
  const { claim } = await claims.handIn(big, 'run_1', 'it')
  store.kept.set([...store.kept.keys()][0]!, '{"text":"other"}')
  await expect(readClaim(store, 'run_1', claim!, 'The output of run_1')).rejects.toThrow('The output of run_1 is not what lies in the payload store')
})

test('without a store, what Trigger.dev would refuse is refused by name, size and option', async () => {
  const claims = new ClaimCheck({})
  await expect(claims.handIn('x'.repeat(5_000_000), 'run_1', 'The output of step s of T')).rejects.toMatchObject({
    code: 'payload_too_large',
    message: expect.stringMatching(/^The output of step s of T is 5000002 bytes .*payloadStore/) as string,
  })
  expect((await claims.handIn('x'.repeat(1_000_000), 'run_1', 'it')).value).toHaveLength(1_000_000)
})

test('a store that fails for a moment is asked again', async () => {
  const store = memoryStore()
  let failures = 2
  const flaky = { ...store, put: (key: string, json: string) => (failures-- > 0 ? Promise.reject(new Error('reset')) : store.put(key, json)) }
  await new ClaimCheck({ payloadStore: flaky, inlineLimitBytes: 100 }).handIn(big, 'run_1', 'it')
  expect(store.kept.size).toBe(1)
})

test('a store that is down is told with what was to be put there, and may be tried again', async () => {
  const down = { put: () => Promise.reject(new Error('connection refused')), get: () => Promise.reject(new Error('connection refused')) }
  const claims = new ClaimCheck({ payloadStore: down, inlineLimitBytes: 100 })
  await expect(claims.handIn(big, 'run_1', 'The output of Flow/Sub')).rejects.toMatchObject({
    code: 'engine/payload_store', retryable: true, message: 'The output of Flow/Sub (411 bytes) could not be put into the payload store: connection refused',
  })
})
