import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openPayload, packPayload, sealPayload } from './payload.ts'

const base = { tenantId: 't', projectId: 'p', userId: 'u', trampData: { a: 1 } }

test('whatever a payload’s own fields are called, they are the task’s own', () => {
  const input = { $call: { runId: 'x' }, $track: 1, $input: 2, $claim: 'payloads/other.json', resumeOf: 'run_1', input: 3, trackOrchestrator: { resumeOf: 'run_2' }, toString: 4, json: '{}' }
  const { payload, packing } = packPayload(base, input)
  expect(payload).toEqual({ ...input, ...base })
  expect(openPayload(payload, packing)).toEqual({ base, input })
  expect(openPayload({ ...input, ...base })).toEqual({ base, input })
})

test('an input of any kind comes out as it went in', () => {
  const json = fc.jsonValue().filter((value) => typeof value !== 'object' || value === null || Array.isArray(value) || !Object.keys(base).some((name) => Object.hasOwn(value, name)))
  fc.assert(fc.property(json, (input) => {
    const { payload, packing } = packPayload(base, input)
    const opened = openPayload(JSON.parse(JSON.stringify(payload)), packing)
    expect(opened).toEqual({ base, input: JSON.parse(JSON.stringify(input)) as unknown })
  }))
  expect(openPayload(packPayload(base, undefined).payload, { wrapped: true }).input).toBeUndefined()
})

test.each([undefined, null, 'text', 5, [], [1]])('a payload that is no object (%o) has no base fields, and no input', (payload) => {
  expect(openPayload(payload)).toEqual({ base: {}, input: {} })
})

test('what is no JSON is left to the SDK, which says itself what it cannot send', () => {
  const circle: Record<string, unknown> = { at: new Date(0) }
  circle['self'] = circle
  expect(sealPayload(circle)).toEqual({ payload: circle })
})
