import { expect, test } from 'vitest'
import { cuesWithin } from './cues-within.ts'
import { formatVtt } from './format-vtt.ts'

const cue = (startSeconds: number, endSeconds: number, text: string) => ({ startSeconds, endSeconds, text })

test('Cues become WebVTT, with a full stop before the milliseconds', () => {
  expect(formatVtt([cue(0, 1.5, 'One'), cue(3_661.001, 3_662, 'Two\nlines')])).toBe(
    'WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nOne\n\n01:01:01.001 --> 01:01:02.000\nTwo\nlines\n',
  )
})

test.each([
  ['<i>so</i> & <b>so</b>', '<i>so</i> &amp; <b>so</b>'],
  ['<font color="red">red</font> {\\an8}up', 'red up'],
  ['3 < 4 <script>x</script>', '3 &lt; 4 x'],
  ['a --> b\n\nNOTE c', 'a → b\nNOTE c'],
])('What WebVTT would take for a mark is written out: %j', (text, written) => {
  expect(formatVtt([cue(0, 1, text)])).toBe(`WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n${written}\n`)
})

test('Without cues it is still a WebVTT file', () => {
  expect(formatVtt([])).toBe('WEBVTT\n')
})

test('Cues after the end are left out, the last is cut, and all are in order', () => {
  const cues = [cue(3, 9, 'last'), cue(1, 2, 'first'), cue(5, 6, 'late'), cue(2, 2, 'nothing'), cue(2, 3, ' ')]
  expect(cuesWithin(cues, 5)).toEqual([cue(1, 2, 'first'), cue(3, 5, 'last')])
})
