import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromTimeOn, isAt, isAtOrBelow, mayBeBelow, withoutItems } from './places.ts'

const part = fc.tuple(fc.constantFrom('a', 'ab', 'a b', '#a', '0:a'), fc.option(fc.nat(12), { nil: undefined })).map(([name, number]) => (number === undefined ? name : `${name}[${number}]`))
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))

test('a path is at itself and below all that it lies in, be that said with its numbers or without', () => {
  fc.assert(
    fc.property(path, path, (place, inside) => {
      const below = `${place}/${inside}`
      for (const said of [place, withoutItems(place)]) {
        expect([isAt(place, said), isAt(below, said), isAtOrBelow(below, said), mayBeBelow(below, said)]).toEqual([true, false, true, true])
        expect(mayBeBelow(withoutItems(below), said)).toBe(true)
      }
    }),
  )
})

test('what has another name, or another number, lies elsewhere', () => {
  expect(['T/ab', 'T', 'T/a[1]/b', 'T/b/a'].map((one) => isAtOrBelow(one, 'T/a[2]'))).toEqual([false, false, false, false])
  expect(mayBeBelow('T/a[1]/b', 'T/a[2]')).toBe(false)
})

test('a time and those after it are those whose numbers are not lower', () => {
  fc.assert(
    fc.property(fc.nat(1_000), fc.nat(1_000), (first, time) => {
      expect(isAtOrBelow(`T/a[${time}]/b[0]`, fromTimeOn('T/a', first))).toBe(time >= first)
    }),
  )
  expect(isAtOrBelow('T/a', fromTimeOn('T/a', 0))).toBe(false)
})
