import { execFile, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const fromRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'test-counts-'))
  await mkdir(join(folder, 'src'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Runs a vitest of its own on one file, with the set-up of all packages; answers how it ended. */
async function run(source: string): Promise<number | null> {
  await writeFile(join(folder, 'src', 'made.test.ts'), source)
  const args = [fromRoot('node_modules/vitest/vitest.mjs'), 'run', '--root', folder, '--config', fromRoot('vitest.shared.ts'), '--globals', '--typecheck.enabled=false']
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: { ...process.env, TEST_COUNTS_FILE: join(folder, 'counts') } }).once('exit', resolve)
  })
}

const summed = () => spawnSync(process.execPath, [fromRoot('tools/sum-test-counts.mjs'), join(folder, 'counts')], { encoding: 'utf8' }).stdout

test('the tests of several runs are summed in one line; a file that cannot be loaded counts as failed', async () => {
  expect(await run('test("a", () => {}); test.each([1, 2])("%i", () => {})')).toBe(0)
  expect(summed()).toBe('3 passed, 0 failed\n')
  expect(await run('test("a", () => {}); test("b", () => { throw new Error("broken") }); test.skip("c", () => {}); test.todo("d")')).toBe(1)
  expect(summed()).toBe('4 passed, 1 failed, 2 skipped\n')
  expect(await run('throw new Error("broken")')).toBe(1)
  expect(await run('describe("hook", () => { beforeAll(() => { throw new Error("broken") }); test("a", () => {}) })')).toBe(1)
  expect(await run('test("a", () => void setTimeout(() => { throw new Error("broken") })); test("b", () => new Promise((done) => setTimeout(done, 50)))')).toBe(1)
  expect(summed()).toMatch(/^6 passed, 4 failed, \d+ skipped\n$/)
})
