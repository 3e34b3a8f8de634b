import { expect, test } from 'vitest'
import { z } from 'zod'
import { ContractError } from './errors/contract-error.ts'
import { createParser, parseInput } from './parse.ts'
import { defineTask } from './task-contract.ts'

const contract = defineTask({ name: 't', input: z.object({ n: z.coerce.number(), list: z.array(z.string()).default([]) }), output: z.object({}) })

test('an input is parsed at once: coerced, defaults filled in, strange keys left out', () => {
  expect(parseInput(contract, { n: '7', odd: true })).toEqual({ n: 7, list: [] })
})

test('what does not fit is refused with every path', () => {
  const refused = () => parseInput(contract, { n: 'x', list: [1] })
  expect(refused).toThrow(ContractError)
  expect(refused).toThrow(/The input of t does not fit its contract: n: .*; list.0: /)
})

test('an asynchronous schema gives a promise, from the first value on', async () => {
  const parse = createParser(z.object({ n: z.number() }).refine(async ({ n }) => Promise.resolve(n > 0), 'too small'), 'T', 'input')
  expect(await parse({ n: 1 })).toEqual({ n: 1 })
  await expect(parse({ n: -1 })).rejects.toThrow('too small')
})

test('no value is shown in the error, only where it stood', () => {
  expect(() => parseInput(contract, { n: 'my-secret-token' })).toThrow(expect.not.objectContaining({ message: expect.stringContaining('my-secret') as string }))
})
