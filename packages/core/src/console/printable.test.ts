import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable, escapeUnseen } from './printable.ts'

const obeyed = /[\0-\x1F\x7F-\x9F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\uFFF9-\uFFFB\uD800-\uDFFF\u{E0001}-\u{E007F}]/u

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
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !obeyed.test(printable(text))))
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 0xffff })), (units) => !obeyed.test(printable(String.fromCharCode(...units)))))
})

test('JSON stands for the same value afterwards', () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: 'binary' }), (json) => {
      const shown = escapeUnseen(JSON.stringify(JSON.parse(json)))
      expect(JSON.parse(shown)).toEqual(JSON.parse(json))
      expect(shown).not.toMatch(obeyed)
    }),
  )
})
