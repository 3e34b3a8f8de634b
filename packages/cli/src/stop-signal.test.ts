import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { stopSignal } from './stop-signal.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stop-signal-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const urlOf = (name: string) => JSON.stringify(new URL(name, import.meta.url).href)

/** A program that has made its folder and hears that it is to stop, but does not. */
async function startDeaf() {
  const source = `
    const { stopSignal } = await import(${urlOf('stop-signal.ts')})
    const { mkdirSync, rmSync } = await import('node:fs')
    stopSignal({ onStop: () => console.error('stopping') })
    const made = ${JSON.stringify(join(folder, 'run'))}
    mkdirSync(made)
    process.once('exit', () => rmSync(made, { recursive: true }))
    console.log('ready')
    setInterval(() => {}, 1_000)
  `
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', source], { cwd: fileURLToPath(new URL('.', import.meta.url)) })
  await once(child.stdout, 'data')
  return child
}

test.each([
  ['SIGINT', 'SIGINT', 130],
  ['SIGINT', 'SIGTERM', 143],
  ['SIGTERM', 'SIGHUP', 129],
] as const)('%s, then %s ends a program that does not stop, with exit code %i, and what it does at its end is done', async (first, second, exitCode) => {
  const child = await startDeaf()
  const said = once(child.stderr, 'data')
  child.kill(first)
  await said
  expect(child.exitCode).toBeNull()
  // The same signal soon after is the same key: npm hands on what the terminal has sent already.
  if (first === second) await delay(700)
  child.kill(second)
  expect(await once(child, 'exit')).toEqual([exitCode, null])
  expect(await readdir(folder)).toEqual([])
})

test('one Ctrl-C that arrives twice, from the terminal and from npm, is one', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const onStop = vi.fn()
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never)
  const before = process.listeners('SIGINT')
  const signal = stopSignal({ onStop })
  try {
    process.emit('SIGINT')
    vi.advanceTimersByTime(100)
    process.emit('SIGINT')
    expect(signal.aborted).toBe(true)
    expect(exit).not.toHaveBeenCalled()
    expect(onStop).toHaveBeenCalledOnce()
    vi.advanceTimersByTime(1_000)
    process.emit('SIGINT')
    expect(exit).toHaveBeenCalledExactlyOnceWith(130)
  } finally {
    vi.useRealTimers()
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) for (const listener of process.listeners(name).filter((one) => !before.includes(one))) process.off(name, listener)
  }
})
