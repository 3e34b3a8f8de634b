import { describe, expect, test } from 'vitest'
import { sentenceUnits, type Unit } from './sentence-units.ts'

const rules = { maxPauseSeconds: 0.6, maxUnitSeconds: 15 }
type Row = readonly [start: number, end: number, text: string, speaker?: number]
const units = (...cues: readonly Row[]) =>
  cues.map(([startSeconds, endSeconds, text, speaker]): Unit => ({ startSeconds, endSeconds, text, ...(speaker !== undefined && { speaker }) }))
const texts = (...cues: readonly Row[]) => sentenceUnits(units(...cues), rules).map(({ text }) => text)

describe('Cues of one sentence', () => {
  test('become one unit, from the first to the last', () => {
    expect(sentenceUnits(units([1, 3, 'He was not an ill-disposed young man,'], [3.4, 6, 'unless to be cold hearted is to be ill-disposed.'], [6.1, 7, 'So.']), rules)).toEqual(
      units([1, 6, 'He was not an ill-disposed young man, unless to be cold hearted is to be ill-disposed.'], [6.1, 7, 'So.']),
    )
  })

  test.each([
    ['an abbreviation ends no sentence', [[0, 1, 'He met Mr.'], [1, 2, 'Dashwood there.']], ['He met Mr. Dashwood there.']], // prettier-ignore
    ['scripts without spaces get none', [[0, 1, '今天天气很好，'], [1, 2, '我们去公园。'], [2, 3, '好！']], ['今天天气很好，我们去公园。', '好！']], // prettier-ignore
    ['Arabic and Hindi have sentence ends of their own', [[0, 1, 'هل أنت هنا؟'], [1, 2, 'नमस्ते।'], [2, 3, 'and on']], ['هل أنت هنا؟', 'नमस्ते।', 'and on']], // prettier-ignore
  ] as const)('%s', (_what, cues, expected) => {
    expect(texts(...cues)).toEqual(expected)
  })

  test.each([
    ['a pause lies between them', [[0, 1, 'one,'], [1.7, 2, 'two.']]], // prettier-ignore
    ['somebody else goes on', [[0, 1, 'one,', 0], [1, 2, 'two.', 1]]], // prettier-ignore
    ['they overlap', [[0, 1, 'one,'], [0.9, 2, 'two.']]], // prettier-ignore
    ['they would become too long', [[0, 10, 'one,'], [10, 16, 'two.']]], // prettier-ignore
  ] as const)('stay apart where %s', (_what, cues) => {
    expect(texts(...cues)).toEqual(['one,', 'two.'])
  })
})
