import { expect, test } from 'vitest'
import { isSafeToCancel } from './halt.ts'

const child = (taskIdentifier: string, status: string, second: number) => ({ id: `${taskIdentifier} ${second}`, taskIdentifier, status, isQueued: status === 'QUEUED', createdAt: new Date(second * 1_000) })

test('a halt cancels what runs and what waits far back in its queue, and leaves to itself what is about to begin', () => {
  const children = [
    child('transcode', 'EXECUTING', 0),
    child('transcode', 'DEQUEUED', 1),
    ...Array.from({ length: 30 }, (_, index) => child('transcode', 'QUEUED', 40 - index)),
    child('translate', 'QUEUED', 50),
    child('translate', 'WAITING', 51),
  ]
  const cancelled = children.filter(isSafeToCancel).map(({ id }) => id)
  expect(cancelled).toEqual(['transcode 0', ...Array.from({ length: 20 }, (_, index) => `transcode ${40 - index}`), 'translate 51'])
})
