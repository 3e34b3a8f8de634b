import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { piecesOfText, speakableText } from './speakable-text.ts'

describe('Speakable text', () => {
  test.each([
    ['Naïve café — “quoted”, it’s Ærø…', 'Naive cafe - "quoted", it\'s Aero...'],
    ['bell\u0007\u0000\u001b[31m red', 'bell [31m red'],
    ['日本語 and Привет', 'and'],
    ['日本語', ''],
    ['… — !', ''],
    ['', ''],
    ['ﬁne ①', 'fine 1'],
  ])('of %j is %j', (text, expected) => {
    expect(speakableText(text)).toBe(expected)
  })

  test('is printable ASCII with no word over 40 characters, whatever was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
        expect(speakableText(text)).toMatch(/^(?:[\x21-\x7e]{1,40}(?: |$))*$/)
      }),
    )
    expect(Math.max(...speakableText('a'.repeat(10_000)).split(' ').map((word) => word.length))).toBe(40)
  })
})

describe('Pieces of a text', () => {
  test('end with sentences where they can', () => {
    expect(piecesOfText('One two. Three four! Five?', 22)).toEqual(['One two. Three four!', 'Five?'])
  })

  test('end with words elsewhere, and lose nothing', () => {
    const text = 'word '.repeat(300).trim()
    const pieces = piecesOfText(text, 50)
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(50)
    expect(pieces.join(' ')).toBe(text)
  })

  test('are cut anywhere in a word without an end', () => {
    expect(piecesOfText('a'.repeat(25), 10)).toEqual(['a'.repeat(10), 'a'.repeat(10), 'a'.repeat(5)])
  })

  test('of nothing are none', () => {
    expect(piecesOfText('', 10)).toEqual([])
  })
})
