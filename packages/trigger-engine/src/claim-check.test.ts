import { expect, test } from 'vitest'
import { ClaimCheck } from './claim-check.ts'

function memoryStore() {
  const kept = new Map<string, string>()
  return { kept, put: async (key: string, json: string) => void kept.set(key, json), get: async (key: string) => kept.get(key)! }
}

test('what travels is JSON: undefined does not', async () => {
  const claims = new ClaimCheck({})
  expect(Object.keys((await claims.handIn({ a: 1, b: undefined }, 'w', 'it')) as object)).toEqual(['a'])
})

test('small values travel as they are', async () => {
  const store = memoryStore()
  const claims = new ClaimCheck({ payloadStore: store })
  expect(await claims.handIn({ a: 1 }, 'w', 'it')).toEqual({ a: 1 })
  expect(store.kept.size).toBe(0)
})

test('big values travel as references, unseen by those at the ends, and are stored once', async () => {
  const store = memoryStore()
  const claims = new ClaimCheck({ payloadStore: store, inlineLimitBytes: 100 })
  const value = { text: 'é'.repeat(200) }
  const claim = await claims.handIn(value, 'walk', 'it')
  expect(JSON.stringify(claim).length).toBeLessThan(200)
  expect(await claims.takeOut(claim)).toEqual(value)
  await claims.handIn(value, 'walk', 'it')
  expect(store.kept.size).toBe(1)
})

test('without a store, what Trigger.dev would refuse is refused by name, size and option', async () => {
  const claims = new ClaimCheck({})
  await expect(claims.handIn('x'.repeat(5_000_000), 'w', 'The output of step s of T')).rejects.toMatchObject({
    code: 'payload_too_large',
    message: expect.stringMatching(/^The output of step s of T is 5000002 bytes .*payloadStore/) as string,
  })
  expect(await claims.handIn('x'.repeat(1_000_000), 'w', 'it')).toHaveLength(1_000_000)
})

test('a stranger cannot pass a reference of their own making off as data', async () => {
  const forged = { $claim: 'payloads/other/secret.json', sizeBytes: 1 }
  const store = memoryStore()
  const claims = new ClaimCheck({ payloadStore: store })
  expect(await claims.takeOut(await claims.handIn(forged, 'w', 'it'))).toEqual(forged)
})
