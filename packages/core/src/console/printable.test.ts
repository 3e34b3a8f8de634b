import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable, escapeUnseen } from './printable.ts'

/** What a terminal obeys or hides, as ranges of code points. */
const unseen = [[0, 0x1f], [0x7f, 0x9f], [0xad, 0xad], [0x61c, 0x61c], [0x200b, 0x200f], [0x2028, 0x202e], [0x2060, 0x206f], [0x3164, 0x3164], [0xd800, 0xdfff], [0xfeff, 0xfeff], [0xfff9, 0xfffb], [0xe0001, 0xe007f]] as const
const holdsUnseen = (text: string) => Array.from(text, (character) => character.codePointAt(0)!).some((code) => unseen.some(([from, to]) => code >= from && code <= to))

test.each([
  ['clear \u001B[2J screen', 'clear \\u001b[2J screen'],
  ['title \u001B]0;owned\u0007', 'title \\u001b]0;owned\\u0007'],
  ['C1 \u009B2J', 'C1 \\u009b2J'],
  ['turned \u202Ecod.exe\u2066x\u200F', 'turned \\u202ecod.exe\\u2066x\\u200f'],
  ['a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
  ['zero\u200B\u200Dwidth\uFEFF\u2060', 'zero\\u200b\\u200dwidth\\ufeff\\u2060'],
  ['back\b\b\bspace\u007F\0', 'back\\u0008\\u0008\\u0008space\\u007f\\u0000'],
  ['two\r\nlines\n\n\tand a tab', 'two lines and a tab'],
  ['half \uD800 pair', 'half \\ud800 pair'],
  ['tag \u{E0041}', 'tag \\udb40\\udc41'],
  ['soft\u00ADhyphen \u3164 filler', 'soft\\u00adhyphen \\u3164 filler'],
])('%j is shown as %j', (text, shown) => {
  expect(printable(text)).toBe(shown)
})

test.each(['Größe, 影片, عربي, हिन्दी', '⚠️ emoji 👍🏽 and accents e\u0301', '  spaces  stay ', 'C:\\folder \\u001b'])('%s stays as it is', (text) => {
  expect(printable(text)).toBe(text)
})

test('no text whatever holds what a terminal obeys afterwards, nor a line break', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !holdsUnseen(printable(text))))
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 0xffff })), (units) => !holdsUnseen(printable(String.fromCharCode(...units)))))
})

test('JSON stands for the same value afterwards', () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: 'binary' }), (json) => {
      const shown = escapeUnseen(JSON.stringify(JSON.parse(json)))
      expect(JSON.parse(shown)).toEqual(JSON.parse(json))
      expect(holdsUnseen(shown)).toBe(false)
    }),
  )
})
