import { createRequire } from 'node:module'
import { Writable } from 'node:stream'
import type { RunEvent } from '@track-orchestrator/core'
import type { Terminal as Screen } from '@xterm/headless'
import { expect, test } from 'vitest'
import { createBars } from './bars.ts'

const { Terminal } = createRequire(import.meta.url)('@xterm/headless') as { Terminal: typeof Screen }

test('a bar is one line of the terminal whatever a handler says beside it, keeps its rate and the time left, and is gone behind the run, also where the terminal became narrower', async () => {
  const screen = new Terminal({ cols: 60, rows: 20, allowProposedApi: true })
  let written = ''
  const stream = Object.assign(new Writable({ write: (chunk: Buffer, _encoding, done) => { written += chunk.toString(); screen.write(chunk.toString().replaceAll('\n', '\r\n')); done() } }), { columns: 60 })
  const drawn = () => new Promise<void>((resolve) => screen.write('', resolve))
  const lines = () => Array.from({ length: 20 }, (_, index) => screen.buffer.active.getLine(index)!.translateToString(true)).filter((line) => line !== '')
  const bars = createBars(stream)
  const said = { runId: 'r', runName: 'R', tenantId: 't', projectId: 'p', path: 'R/speak', track: 'R', step: '音声', taskName: 'speak', nested: false, attempt: 1 }
  const tell = (event: object) => bars.write({ ...said, ...event } as unknown as RunEvent)
  tell({ type: 'step.started', at: 0 })
  for (let step = 1; step <= 6; step++) {
    tell({ type: 'step.progress', at: step * 1_000, fraction: step / 10, note: '部品を文字に変換して、それから結合する' })
    if (step === 4) {
      await drawn()
      screen.resize(40, 20)
      stream.columns = 40
    }
    tell({ type: 'log', at: step * 1_000, level: 'info', message: `line ${step}` }) // draws what there is
  }
  await drawn()
  expect(lines()).toEqual([...Array.from({ length: 6 }, (_, index) => `R > 音声: line ${index + 1}`), ' ███████░░░░░  60 %  音声  10.0 %/s  4…'])
  expect(written).toMatch(/ 20 % {2}音声 {2}部品を文…? {2}10\.0 %\/s {2}8\.0 s left\n/)
  tell({ type: 'run.succeeded', at: 9_000, durationMs: 9_000 })
  await drawn()
  expect(lines()).toHaveLength(6)
})

test('what a handler prints while a bar is drawn stands above it, and goes where it always went behind the run', () => {
  let written = ''
  const stream = Object.assign(new Writable({ write: (chunk: Buffer, _encoding, done) => { written += chunk.toString(); done() } }), { columns: 60 })
  const bars = createBars(stream)
  const said = { runId: 'r', runName: 'R', tenantId: 't', projectId: 'p', path: 'R/speak', track: 'R', step: 'speak', taskName: 'speak', nested: false, attempt: 1 }
  const tell = (event: object) => bars.write({ ...said, ...event } as unknown as RunEvent)
  tell({ type: 'run.started', kind: 'track', at: 0 })
  tell({ type: 'step.started', at: 0 })
  tell({ type: 'step.progress', at: 100, fraction: 0.5 })
  tell({ type: 'log', at: 100, level: 'info', message: 'draws' })
  written = ''
  stream.write('printed')
  expect(written).toBe('\u001B[1A\u001B[0Jprinted\n ██████░░░░░░  50 %  speak\n')
  tell({ type: 'run.succeeded', at: 200, durationMs: 200 })
  written = ''
  stream.write('later')
  expect(written).toBe('later')
})
