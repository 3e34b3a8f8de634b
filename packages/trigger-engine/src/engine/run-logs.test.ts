import type { RunLog } from '@track-orchestrator/core'
import { expect, test, vi } from 'vitest'
import { logsOf } from './run-logs.ts'

function endless(isAway = false) {
  const asked: [number, string | undefined][] = []
  const log: RunLog & { isAway: boolean } = {
    isAway,
    write: () => {},
    flush: (deadlineMs, loss) => {
      asked.push([deadlineMs, loss])
      return new Promise(() => {})
    },
  }
  return { log, asked }
}

test('before a wait the logs begin to send, and hold up nobody', async () => {
  const { log, asked } = endless()
  await logsOf({}, [log, { ...log, flush: () => { throw new Error('broken') } }]).beforeWait()
  expect(asked).toEqual([[0, 'machine']])
})

test('that a log is away is known to all walks of an attempt, from the log itself and from other runs, for ten minutes', () => {
  vi.useFakeTimers({ now: 5_000_000 })
  try {
    const run = {}
    const { log } = endless()
    const logs = logsOf(run, [log])
    expect(logsOf(run, [log])).toBe(logs)
    expect(logs.awayAt).toBeUndefined()
    log.isAway = true
    expect(logs.awayAt).toBe(5_000_000)
    expect(logs.all[1]!.isAway).toBe(true)
    log.isAway = false
    vi.setSystemTime(5_000_000 + 599_999)
    expect(logs.awayAt).toBe(5_000_000)
    vi.setSystemTime(5_000_000 + 600_000)
    expect(logs.awayAt).toBeUndefined()
    logs.noteAway(5_300_000)
    expect(logs.all[1]!.isAway).toBe(true)
    logs.noteAway(5_000_000) // an older run says so later
    expect(logs.awayAt).toBe(5_300_000)
  } finally {
    vi.useRealTimers()
  }
})
