import { Writable } from 'node:stream'
import type { RunEvent } from '@track-orchestrator/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { progressLog } from './progress.ts'
import { Shower } from './shower.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a run that takes its time to stop tells how it is ended at once, and gone on with; one that stops at once, nothing', () => {
  const stop = new AbortController()
  let written = ''
  const stdout = new Writable({ write: (chunk: Buffer, _encoding, done) => { written += chunk.toString(); done() } })
  const terminal = { arguments: [], folder: '.', env: {}, stdin: process.stdin, stdout, stderr: stdout, signal: stop.signal }
  const log = progressLog({ terminal, show: new Shower(terminal, { config: 'my flows.mjs' }) })
  const tell = (runId: string, type: string) => log.write({ id: '', at: 0, sequence: 1, runId, runName: 'R', tenantId: 't', projectId: 'p', kept: false, kind: 'track', durationMs: 1, type } as unknown as RunEvent)
  tell('quick', 'run.started')
  tell('slow', 'run.started')
  stop.abort()
  tell('quick', 'run.cancelled')
  vi.advanceTimersByTime(999)
  expect(written).not.toContain('Ctrl-C')
  vi.advanceTimersByTime(1)
  expect(written).toContain('Run slow is to stop: a handler takes its time. Ctrl-C once more ends it at once.\n')
  expect(written).toMatch(/Go on with it then: {2}tracks resume slow --config 'my flows\.mjs'\n$/)
  expect(written).not.toContain('Run quick is to stop')
})
