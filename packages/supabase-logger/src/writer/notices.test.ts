import { expect, test } from 'vitest'
import { Notices, type NoticeCode } from './notices.ts'

test('a trouble is said once until it is over, and then again', () => {
  const said: NoticeCode[] = []
  const notices = new Notices(({ code }) => said.push(code))
  notices.recovered('nothing was wrong')
  for (let time = 0; time < 3; time++) notices.say('unreachable', 'down')
  notices.recovered('up')
  notices.recovered('up')
  notices.say('unreachable', 'down')
  expect(said).toEqual(['unreachable', 'recovered', 'unreachable'])
})

test('what has no end is said once a minute at most', () => {
  const said: string[] = []
  const notices = new Notices(({ message }) => said.push(message))
  notices.say('row_refused', 'first')
  notices.say('row_refused', 'second')
  notices.say('events_dropped', 'other')
  expect(said).toEqual(['first', 'other'])
})

test('a listener that throws harms nothing', () => {
  const notices = new Notices(() => {
    throw new Error('no')
  })
  expect(() => notices.say('unreachable', 'down')).not.toThrow()
})
