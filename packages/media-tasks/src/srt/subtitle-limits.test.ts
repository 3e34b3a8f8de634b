import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCharacters } from './subtitle-limits.ts'

const signs = fc.constantFrom('a', 'é', 'é', '👩‍👩‍👧', '🇩🇪', 'ไม่', '각', '漢', ' ', '❤️', '\n')

test('characters are counted as a reader sees them, in texts of any length', () => {
  fc.assert(fc.property(fc.array(signs, { maxLength: 12 }), fc.integer({ min: 1, max: 120 }), (parts, times) => {
    const text = parts.join('').repeat(times)
    expect(readCharacters(text)).toBe([...new Intl.Segmenter().segment(text.replaceAll('\n', ''))].length)
  }))
})

test('a book in one line is counted, and does not fill the memory', () => {
  expect(readCharacters('слово '.repeat(40_000))).toBe(240_000)
})
