import fc from 'fast-check'
import { expect, test } from 'vitest'
import { collectLines, shownLine } from './stderr-lines.ts'

/** What no line that is shown may hold. */
const obeyed = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

test('what a terminal would obey is written out', () => {
  expect(shownLine('title : a\u001b[2Jb\u009bc\u202ed\u2028e\u0007')).toBe('title : a\\u001b[2Jb\\u009bc\\u202ed\\u2028e\\u0007')
  expect(shownLine('नमस्ते 👩‍🚀 日本\tx')).toBe('नमस्ते 👩‍🚀 日本 x')
})

test('lines come whole, however they are cut into pieces, and nothing in them is obeyed', () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 30 })), fc.array(fc.nat(7)), (texts, cuts) => {
    const whole = texts.join('\n')
    const lines = collectLines()
    let at = 0
    for (const cut of cuts) lines.add(whole.slice(at, (at += cut)))
    lines.add(whole.slice(at))
    lines.end()
    for (const line of lines.lines) expect(line).not.toMatch(obeyed)
    const once = collectLines()
    once.add(whole.replaceAll('\r', '\n')) // a line end may be cut in two
    once.end()
    expect(lines.lines).toEqual(once.lines)
  }))
})

test('a line without end, and lines without number, take no more memory than a few', () => {
  const lines = collectLines((line) => line.startsWith('frame='))
  for (let piece = 0; piece < 2_000; piece++) lines.add('x'.repeat(10_000))
  lines.add('\nframe=1\n')
  for (let count = 0; count < 1_000; count++) lines.add(`line ${count}\n`)
  expect(lines.lines).toHaveLength(200)
  expect(lines.lines.at(-1)).toBe('line 999')
  const long = collectLines()
  long.add(`${'y'.repeat(1_000_000)}\n`)
  expect(long.lines[0]).toHaveLength(2_001)
})
