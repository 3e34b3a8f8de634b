import { EventEmitter } from 'node:events'
import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { endProcess } from './end-process.ts'

/** A process that ends when it is told to, or when its `exit` is emitted. */
function aProcess(refused?: string) {
  let ended: ((code: number) => void) | undefined
  const exited = new Promise<number>((resolve) => (ended = resolve))
  const stream = () => new Writable({ write: (_chunk, _encoding, done) => done(refused === undefined ? null : Object.assign(new Error(`${refused}: refused`), { code: refused })) })
  const owner = Object.assign(new EventEmitter(), { stdout: stream(), stderr: stream(), exitCode: undefined as number | undefined, exit: (code: number) => ended!(code) })
  const told: string[] = []
  const end = (run: () => Promise<number>, signal = new AbortController().signal) => endProcess(owner as never, signal, run, (text) => told.push(text))
  return { owner, exited, told, end }
}

test('a command that nothing can bring to its end any more says so, instead of the code of Node that no table has', async () => {
  const { owner, exited, told, end } = aProcess()
  void end(() => new Promise(() => {}))
  owner.emit('beforeExit')
  expect([await exited, told.join('')]).toEqual([1, expect.stringContaining('never settles')])
})

test.each([['ENOSPC', 1], ['EPIPE', 0]])('an output that is refused by %s ends with exit code %i', async (code, exitCode) => {
  const { owner, told, end } = aProcess(code)
  await end(() => new Promise((resolve) => owner.stdout.write('x', () => setImmediate(resolve, 0))))
  owner.emit('exit')
  expect([owner.exitCode, told.length]).toEqual([exitCode, exitCode])
})

test('a command that a person stopped ends its process, whatever a configuration still does', async () => {
  const { exited, end } = aProcess()
  await end(() => Promise.resolve(130), AbortSignal.abort())
  expect(await exited).toBe(130)
})
