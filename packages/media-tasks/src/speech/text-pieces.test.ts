import { expect, test } from 'vitest'
import { textPieces } from './text-pieces.ts'

test.each([
  ['a short text stays whole', 'Hello there.', 40, ['Hello there.']],
  ['after a sentence', 'He was here. She was not, I think.', 30, ['He was here.', 'She was not, I think.']],
  ['after a clause where no sentence ends', 'He was here, and she was not', 20, ['He was here,', 'and she was not']],
  ['between words where there is no clause', 'one two three four five', 12, ['one two', 'three four', 'five']],
  ['Chinese after its full stop', '今天天气很好。我们去公园。', 9, ['今天天气很好。', '我们去公园。']],
  ['Chinese between its words', '今天天气很好我们去公园', 5, ['今天天气', '很好我们', '去公园']],
] as const)('%s', (_what, text, most, pieces) => {
  expect(textPieces(text, most)).toEqual(pieces)
})

test('nothing is lost, nothing is too long, and no sign is cut in half, whatever the text', () => {
  for (const text of ['x'.repeat(95), '😀'.repeat(50), 'ab '.repeat(40), 'สวัสดีครับ'.repeat(12)]) {
    const pieces = textPieces(text, 21)
    expect(pieces.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
    for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(21)
    for (const piece of pieces) expect(encodeURIComponent(piece)).not.toBe('') // throws for half a sign
  }
})
