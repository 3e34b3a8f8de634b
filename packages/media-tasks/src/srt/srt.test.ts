import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatSrt, srtText } from './format-srt.ts'
import { parseSrt } from './parse-srt.ts'

const one = { startSeconds: 1, endSeconds: 2.5, text: 'Hello' }
const two = { startSeconds: 3, endSeconds: 4, text: 'there' }
const plain = '1\n00:00:01,000 --> 00:00:02,500\nHello\n\n2\n00:00:03,000 --> 00:00:04,000\nthere\n'

describe('A SubRip text', () => {
  test('is written with numbers from 1, and commas before the milliseconds', () => {
    expect(formatSrt([one, two])).toBe(plain)
  })

  test.each([
    ['as it is usually written', plain],
    ['with a byte order mark and CRLF', `\u{FEFF}${plain.replaceAll('\n', '\r\n')}`],
    ['with the line ends of old Macs', plain.replaceAll('\n', '\r')],
    ['without numbers', plain.replaceAll(/^\d\n/gm, '')],
    ['with odd numbers', plain.replace('1\n', '17\n').replace('2\n0', '17\n0')],
    ['with points before the milliseconds', plain.replaceAll(/(\d),(\d{3})/g, '$1.$2')],
    ['with many blank lines around', `\n\n${plain}\n\n \n`],
    ['without a line end at the end', plain.trimEnd()],
    ['with spaces after its lines', plain.replaceAll('\n', ' \n')],
    ['with coordinates', plain.replace('02,500', '02,500 X1:40 X2:600 Y1:20 Y2:50')],
    ['without hours', plain.replaceAll('00:00:0', '00:0')],
    ['without spaces around the arrow', plain.replaceAll(' --> ', '-->')],
    ['without a blank line between cues', plain.replace('Hello\n\n', 'Hello\n')],
    ['without numbers and blank lines', plain.replaceAll(/^\d\n/gm, '').replaceAll('\n\n', '\n')],
    ['with line ends that were translated twice', plain.replaceAll('\n', '\r\r\n')],
    ['with a blank line after the numbers', plain.replaceAll(/^(\d)\n/gm, '$1\n\n')],
    ['with settings of WebVTT', plain.replace('02,500', '02,500 position:50% line:0 align:center')],
    ['where it was cut off after the number of the next cue', `${plain}\n3\n`],
    ['without milliseconds that are 0', plain.replaceAll(',000', '')],
    ['with one digit for the hours', plain.replaceAll('00:00:0', '0:00:0')],
  ])('is read %s', (_, srt) => {
    expect(parseSrt(srt)).toEqual([one, two])
  })

  test('may have blank lines, numbers and nothing at all as the text of a cue', () => {
    const srt = '1\n00:00:01,000 --> 00:00:02,000\nfirst\n\nsecond\n\n42\n\n2\n00:00:03,000 --> 00:00:04,000\n\n3\n00:00:05,000 --> 00:00:06,000\n7\n'
    expect(parseSrt(srt).map(({ text }) => text)).toEqual(['first\n\nsecond\n\n42', '', '7'])
  })

  test('may be longer than 99 hours', () => {
    const late = { startSeconds: 360_000.001, endSeconds: 361_000, text: 'late' }
    expect(parseSrt(formatSrt([late]))).toEqual([late])
    expect(formatSrt([late])).toContain('100:00:00,001 --> 100:16:40,000')
  })

  test('may be empty', () => {
    expect(parseSrt('')).toEqual([])
    expect(parseSrt('\u{FEFF}\r\n\r\n')).toEqual([])
  })

  test.each([
    ['no SubRip at all', '<html>', 1, 'two times'],
    ['a number and nothing after it', '1\n', 2, 'two times'],
    ['one digit of milliseconds', '1\n00:00:01,5 --> 00:00:02,500\nHello', 2, 'two times'],
    ['a minute of 99 seconds', '1\n00:00:99,000 --> 00:01:59,000\nHello', 2, 'two times'],
    ['an arrow of one stroke', '1\n00:00:01,000 -> 00:00:02,500\nHello', 2, 'two times'],
    ['a cue that ends before it begins', '1\n00:00:03,000 --> 00:00:02,500\nHello', 2, 'ends before'],
    ['broken times in the second cue', `${plain}\n3\n00:00:05,000 --> 00:00:xx,000\nbroken`, 10, 'two times'],
  ])('is refused with %s, naming the line', (_, srt, line, why) => {
    const read = () => parseSrt(srt)
    expect(read).toThrow(expect.objectContaining({ code: 'media/srt_invalid', retryable: false }))
    expect(read).toThrow(`line ${line}: `)
    expect(read).toThrow(why)
  })

  test('is read or refused at once, however much of it there is', () => {
    expect(() => parseSrt(`1\n${' '.repeat(1_000_000)}x\n`)).toThrow('line 2')
    expect(() => parseSrt(`1\n00:00:01,000 -->${'\t'.repeat(1_000_000)}x\n`)).toThrow('line 2')
    expect(parseSrt('00:00:01,000 --> 00:00:02,500\n\n'.repeat(100_000))).toHaveLength(100_000)
  })

  test('holds no arrow, no blank line and no control character in its texts', () => {
    expect(srtText('a --> b\r\n\r\n \u0007\nc\u0000d ')).toBe('a → b\nc d')
  })
})

describe('Any cues', () => {
  const time = fc.integer({ min: 0, max: 500 * 3_600_000 })
  const cue = fc.tuple(time, time, fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('1', '--> x', '\n\n2\n00:00:01,000 --> 00:00:02,000\n', '\u{FEFF}', ' 3')))
  const cues = fc.array(cue.map(([a, b, text]) => ({ startSeconds: Math.min(a, b) / 1_000, endSeconds: Math.max(a, b) / 1_000, text })))

  test('come back as they were, once their texts are such as SubRip can hold', () => {
    fc.assert(
      fc.property(cues, (given) => {
        const held = given.map((each) => ({ ...each, text: srtText(each.text) }))
        expect(parseSrt(formatSrt(given))).toEqual(held)
        expect(formatSrt(held)).toBe(formatSrt(given))
      }),
      { numRuns: 300 },
    )
  })
})
