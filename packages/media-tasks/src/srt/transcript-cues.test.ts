import type { Transcript, TranscriptWord } from '@track-orchestrator/registry/media'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { spokenText } from './spoken-text.ts'
import { transcriptCues, type CueRules } from './transcript-cues.ts'

const rules: CueRules = { maxLineCharacters: 42, maxLines: 2, maxCueSeconds: 7, maxGapSeconds: 0.8 }

/** Words of 0.3 s, one every 0.4 s; a number between them is so many seconds of silence. */
function said(text: string, speaker?: number, from = 0): TranscriptWord[] {
  let at = from
  return text.split(' ').flatMap((word) => {
    if (/^\d+(?:\.\d+)?$/.test(word)) {
      at += Number(word)
      return []
    }
    at += 0.4
    return [{ text: word, startSeconds: at - 0.4, endSeconds: at - 0.1, ...(speaker !== undefined && { speaker }) }]
  })
}

function cues(words: readonly TranscriptWord[], changed: Partial<CueRules> = {}) {
  return transcriptCues({ provider: 'test', words: [...words], utterances: [] }, { ...rules, ...changed })
}
const texts = (...given: Parameters<typeof cues>) => cues(...given).map(({ text }) => text)

describe('The cues of a transcript', () => {
  test('end with a sentence, but not with an abbreviation', () => {
    expect(texts(said('Good morning, Mr. Dashwood. How is J. R. today? “Fine.” Good!'))).toEqual([
      'Good morning, Mr. Dashwood.',
      'How is J. R. today?',
      '“Fine.”',
      'Good!',
    ])
  })

  test('end when the speaker changes, and say who speaks', () => {
    const found = cues([...said('yes and', 0), ...said('no but', 1, 0.8)])
    expect(found.map(({ text, speaker }) => [text, speaker])).toEqual([['yes and', 0], ['no but', 1]]) // prettier-ignore
  })

  test('end in a silence that is long enough', () => {
    expect(texts(said('one two 1 three'))).toEqual(['one two', 'three'])
    expect(texts(said('one two 1 three'), { maxGapSeconds: 2 })).toEqual(['one two three'])
  })

  test('hold no more lines, characters and seconds than the rules allow', () => {
    const words = said('It is a truth universally acknowledged that a single man in possession of a good fortune must be in want of a wife')
    for (const cue of cues(words, { maxLineCharacters: 20 })) {
      const lines = cue.text.split('\n')
      expect(lines.length).toBeLessThanOrEqual(2)
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(20)
    }
    for (const cue of cues(words, { maxCueSeconds: 2 })) expect(cue.endSeconds - cue.startSeconds).toBeLessThanOrEqual(2)
  })

  test('divide a sentence that is too long after a comma or in a pause near its middle', () => {
    const comma = 'Had he married a more amiable woman, he might have been made still more respectable than he was'
    expect(texts(said(comma), { maxLines: 1, maxLineCharacters: 60 })[0]).toBe('Had he married a more amiable woman,')
    expect(texts(said('one two three 0.5 four five six seven'), { maxCueSeconds: 2 })[0]).toBe('one two three')
  })

  test('let a word that is longer than a line stand alone', () => {
    expect(texts(said('a Donaudampfschifffahrt b'), { maxLineCharacters: 10, maxLines: 3 })).toEqual(['a\nDonaudampfschifffahrt\nb'])
  })

  test('begin with the first sound and end with the last', () => {
    expect(cues(said('2 one two'))[0]).toMatchObject({ startSeconds: 2, endSeconds: 2.7 })
  })

  test('are made of utterances where there are no words, their time shared out', () => {
    const transcript: Transcript = { provider: 'test', words: [], utterances: [{ text: 'One. Three four.', startSeconds: 1, endSeconds: 8, speaker: 2 }] }
    expect(transcriptCues(transcript, rules)).toEqual([
      { startSeconds: 1, endSeconds: 3, text: 'One.', speaker: 2 },
      { startSeconds: 3, endSeconds: 8, text: 'Three four.', speaker: 2 },
    ])
  })

  test.each([
    ['今 天 天 气 很 好， 我 们 去 公 园。 好！', ['今天天气很好，我们去公园。', '好！']],
    ['きょう は いい 天気 です ね。 はい。', ['きょうはいい天気ですね。', 'はい。']],
    ['สวัสดี ครับ คุณ สบายดี ไหม', ['สวัสดีครับคุณสบายดีไหม']],
    ['我 用 iPhone 拍 2024 年 的 照片。', ['我用 iPhone 拍2024年的照片。']],
    ['안녕하세요. 오늘 날씨가 좋네요.', ['안녕하세요.', '오늘 날씨가 좋네요.']],
    ['እንዴት ነህ፧ ደህና ነኝ።', ['እንዴት ነህ፧', 'ደህና ነኝ።']],
    ['မင်္ဂလာပါ။ နေကောင်းလား။', ['မင်္ဂလာပါ။', 'နေကောင်းလား။']],
    ['Πώς είσαι; Καλά.', ['Πώς είσαι;', 'Καλά.']],
    ['It was no. 5 of them. I said no. He left.', ['It was no. 5 of them.', 'I said no.', 'He left.']],
    ['كيف حالك؟ بخير، شكرا.', ['كيف حالك؟', 'بخير، شكرا.']],
    ['आप कैसे हैं। मैं ठीक हूँ॥ हाँ', ['आप कैसे हैं।', 'मैं ठीक हूँ॥', 'हाँ']],
    ['آپ کیسے ہیں۔ ٹھیک', ['آپ کیسے ہیں۔', 'ٹھیک']],
    ['On Jan. 5. he joined Acme Inc. with 3.14 etc. and left.', ['On Jan. 5. he joined Acme Inc. with 3.14 etc. and left.']],
    ['He said no. She sat. Then J. R. R. left.', ['He said no.', 'She sat.', 'Then J. R. R. left.']],
  ])('follow the script: %s', (text, expected) => {
    const words = text.split(' ').map((word, place): TranscriptWord => ({ text: word, startSeconds: place * 0.4, endSeconds: place * 0.4 + 0.3 }))
    expect(texts(words, { maxLineCharacters: 80, maxCueSeconds: 30 })).toEqual(expected)
  })

  test('break a long utterance without spaces into lines and cues, between its words', () => {
    const text = '今天的天气非常好所以我们决定一起去公园散步然后在湖边的小餐馆里吃午饭下午再去看一场新上映的电影'
    const found = transcriptCues({ provider: 'test', words: [], utterances: [{ text, startSeconds: 0, endSeconds: 20 }] }, { ...rules, maxLineCharacters: 16 })
    expect(found.length).toBeGreaterThanOrEqual(3)
    for (const { text: lines, startSeconds, endSeconds } of found) {
      expect(Math.max(...lines.split('\n').map((line) => line.length))).toBeLessThanOrEqual(16)
      expect(endSeconds - startSeconds).toBeLessThanOrEqual(7)
    }
    expect(found.map((cue) => cue.text.replaceAll('\n', '')).join('')).toBe(text)
  })

  test('are seen though the words have no length, or all begin at once', () => {
    const words = ['One.', 'Two.', 'Three.'].map((text): TranscriptWord => ({ text, startSeconds: 1, endSeconds: 1 }))
    const found = cues([...words, { text: 'Four.', startSeconds: 2, endSeconds: 2 }])
    expect(found.map(({ text }) => text)).toEqual(['One.', 'Two.', 'Three.', 'Four.'])
    expect(found.map(({ startSeconds, endSeconds }) => [startSeconds, endSeconds])).toEqual([[1, 1.1], [1.1, 1.2], [1.2, 1.3], [2, 2.1]]) // prettier-ignore
  })

  test('come in order and never lie over each other, whatever the words, and lose none of them', () => {
    const word = fc
      .tuple(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 9_000 }), fc.stringMatching(/^[a-z]{1,12}[.,]?$/), fc.integer({ min: 0, max: 2 }))
      .map(([start, length, text, speaker]): TranscriptWord => ({ text, startSeconds: start / 1_000, endSeconds: (start + length) / 1_000, speaker }))
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        const found = cues(words)
        for (const [index, { startSeconds, endSeconds }] of found.entries()) {
          expect(endSeconds).toBeGreaterThanOrEqual(startSeconds + 0.099)
          expect(endSeconds - startSeconds).toBeLessThanOrEqual(rules.maxCueSeconds + 0.0011)
          expect(found[index + 1]?.startSeconds ?? Infinity).toBeGreaterThanOrEqual(endSeconds)
        }
        const spoken = found.flatMap(({ text }) => text.split(/\s/)).toSorted()
        expect(spoken).toEqual(words.map(({ text }) => text).toSorted())
      }),
      { numRuns: 200 },
    )
  })

  test('are found at once, however long somebody speaks without a stop', () => {
    expect(cues(said('word '.repeat(50_000).trim())).length).toBeGreaterThan(1_000)
  })
})

describe('What is spoken of a cue', () => {
  test.each([
    ['<i>Hello</i>\n<font color="#fff">there</font>', 'Hello there'],
    ['{\\an8}Up here', 'Up here'],
    ['a < b and b > c', 'a < b and b > c'],
    ['bell\u0007 and \u0000null', 'bell and null'],
    ['公园散步，\n然后吃午饭', '公园散步，然后吃午饭'],
    ['อากาศดีมากที่\nสวนสาธารณะ', 'อากาศดีมากที่สวนสาธารณะ'],
    ['ありがとう\n!', 'ありがとう!'],
    ['Up\\Nand\\hdown', 'Up and down'],
    ['Tom &amp; Jerry say &quot;hi&quot;', 'Tom & Jerry say "hi"'],
    ['♪ ♪', ''],
    ['…', ''],
    ['Привет', 'Привет'],
  ])('%j is %j', (text, expected) => {
    expect(spokenText(text)).toBe(expected)
  })
})
