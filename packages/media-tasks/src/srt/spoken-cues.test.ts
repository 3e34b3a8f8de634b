import { describe, expect, test } from 'vitest'
import { spokenCues, type SpokenCueRules, type SpokenUnit } from './spoken-cues.ts'
import { subtitleViolations } from './subtitle-limits.ts'

const limits = { maxLines: 2, minCueSeconds: 5 / 6, maxCueSeconds: 7, minGapFrames: 2 }
const rules: SpokenCueRules = { ...limits, gapSeconds: 2 / 24, durationSeconds: 600 }
const unit = (startSeconds: number, endSeconds: number, text: string, more: Partial<SpokenUnit> = {}): SpokenUnit => ({ startSeconds, endSeconds, text, pauses: [], ...more })
const violations = (units: readonly SpokenUnit[], given = rules) =>
  subtitleViolations(spokenCues(units, given), { ...limits, ...given }, { framesPerSecond: 25, spoken: units })

/** The same numbers each time. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647
}

describe('Subtitles of what is spoken', () => {
  test('appear with the voice, and stay until they can be read, before the next one', () => {
    const units = [unit(1, 1.4, 'Yes, of course we shall.'), unit(4, 6, 'He thought so.'), unit(6, 7, 'And she did.')]
    expect(spokenCues(units, rules)).toEqual([
      { startSeconds: 1, endSeconds: expect.closeTo(2.2, 1) as number, text: 'Yes, of course we shall.' },
      { startSeconds: 4, endSeconds: expect.closeTo(6 - 2 / 24, 2) as number, text: 'He thought so.' },
      { startSeconds: 6, endSeconds: 7, text: 'And she did.' },
    ])
  })

  test('are divided where the voice pauses after a comma, into even lines', () => {
    const text = 'Had he married a more amiable woman, he might have been made still more respectable than he was.'
    const cues = spokenCues([unit(10, 15.5, text, { pauses: [{ startSeconds: 2, endSeconds: 2.2 }] })], rules) // prettier-ignore
    expect(cues.map((cue) => [cue.startSeconds, cue.text])).toEqual([[10, 'Had he married a more amiable woman,'], [12.2, 'he might have been made still\nmore respectable than he was.']]) // prettier-ignore
  })

  test('that are too short to be read are shown together, if they follow each other and one person says both', () => {
    const texts = (units: SpokenUnit[]) => spokenCues(units, rules).map(({ text }) => text)
    expect(texts([unit(1, 1.4, 'Yes.'), unit(1.5, 1.9, 'No.'), unit(2, 4, 'I do not know.')])).toEqual(['Yes. No.', 'I do not know.'])
    expect(texts([unit(1, 1.4, 'Yes.', { speaker: 0 }), unit(1.5, 3, 'Are you sure?', { speaker: 1 })])).toEqual(['Yes.', 'Are you sure?'])
    expect(texts([unit(1, 1.4, 'Yes.'), unit(3, 4, 'I am.')])).toEqual(['Yes.', 'I am.'])
  })

  test('of Chinese have at most 16 signs a line, are divided between words, and end no line before its full stop', () => {
    const cues = spokenCues([unit(0, 9, '今天天气很好，我们一起去公园散步，然后在湖边的小餐馆吃午饭，晚上再坐火车回家。')], rules)
    const lines = cues.flatMap(({ text }) => text.split('\n'))
    expect(lines.length).toBeGreaterThan(2)
    for (const line of lines) expect(line).toMatch(/^[^，。]{1,16}[，。]?.{0,15}$/u)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(16)
    expect(violations([unit(0, 9, '今天天气很好，我们一起去公园散步，然后在湖边的小餐馆吃午饭，晚上再坐火车回家。')])).toEqual([])
  })

  test('past the end are not there, and the last one ends with the video', () => {
    expect(spokenCues([unit(1, 2.9, 'Here.'), unit(5, 6, 'Gone.')], { ...rules, durationSeconds: 3 })).toEqual([{ startSeconds: 1, endSeconds: 2.9, text: 'Here.' }])
  })

  test.each([
    ['English', 'the quick brown fox, jumps over a lazy dog and runs away before anybody could see where it had gone'.split(' '), ' ', 1 / 15],
    ['Chinese', Array.from('今天天气很好我们一起去公园散步然后在湖边吃午饭，晚上回家'), '', 1 / 5],
  ] as const)('keep every limit, whatever is said at a usual pace: %s', (_language, words, space, secondsEach) => {
    const random = randomFrom(11)
    for (let round = 0; round < 40; round++) {
      let at = 0.5
      const units = Array.from({ length: 15 }, () => {
        const text = `${Array.from({ length: 3 + Math.floor(random() * 30) }, () => words[Math.floor(random() * words.length)]).join(space)}${space === '' ? '。' : '.'}`
        const start = at
        at = start + Math.max(0.5, text.length * secondsEach)
        const made = unit(start, at, text)
        at += 0.1 + random()
        return made
      })
      expect(violations(units)).toEqual([])
    }
  })
})
