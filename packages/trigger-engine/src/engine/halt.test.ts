import { expect, test } from 'vitest'
import { sortOut } from './halt.ts'

const child = (taskIdentifier: string, createdSecond: number, startedSecond?: number) => ({
  id: `${taskIdentifier} ${createdSecond}`, taskIdentifier, isQueued: startedSecond === undefined, createdAt: new Date(createdSecond * 1_000), startedAt: startedSecond === undefined ? undefined : new Date(startedSecond * 1_000),
})
const ids = (children: readonly { readonly id: string }[]) => children.map(({ id }) => id)

test('a halt cancels what surely goes on and what waits far back in its queue, waits for what may be about to begin, and leaves the head of a queue to itself', () => {
  const children = [child('transcode', 0, 1), child('transcode', 1, 97), ...Array.from({ length: 30 }, (_, index) => child('transcode', 40 - index)), child('translate', 50), child('translate', 51, 51)]
  const { safe, young } = sortOut(children, 100_000)
  expect(ids(safe)).toEqual(['transcode 0', ...Array.from({ length: 20 }, (_, index) => `transcode ${40 - index}`), 'translate 51'])
  expect(ids(young)).toEqual(['transcode 1'])
  expect(ids(sortOut(children, 102_000).safe)).toContain('transcode 1')
})
