import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { isProcessGone, placeOfProcesses, processStart } from './index.ts'

const isLinux = process.platform === 'linux'

test('a process that runs is not gone, by its start and without it; one of another start is', () => {
  const start = processStart(process.pid)
  expect(isProcessGone(process.pid, undefined)).toBe(false)
  if (!isLinux) return
  expect(start).toBeTypeOf('number')
  expect(isProcessGone(process.pid, start as number)).toBe(false)
  expect(isProcessGone(process.pid, (start as number) - 1)).toBe(true)
})

test('a number that no process has is gone', () => {
  const none = 2 ** 22 + 1 // above the largest that Linux gives
  expect(processStart(none)).toBeUndefined()
  expect(isProcessGone(none, undefined)).toBe(true)
  expect(isProcessGone(none, 1)).toBe(true)
})

test.runIf(isLinux)('one that has ended, but was not asked for its exit code, is gone', async () => {
  // The shell is replaced by a program that never asks after the shell's child.
  const parent = spawn('/bin/sh', ['-c', 'sleep 0.01 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = Number(String(line))
    while (processStart(pid) !== 'ended') await delay(10)
    expect(isProcessGone(pid, undefined)).toBe(true)
  } finally {
    parent.kill('SIGKILL')
  }
})

test('the place is the same all through a process', () => {
  expect(placeOfProcesses()).toBe(placeOfProcesses())
  expect(placeOfProcesses().split(' ').length).toBeGreaterThanOrEqual(3)
})
