import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventsOf, newRunId, startHistoryProject, type HistoryProject } from '../packages/supabase-logger/src/testing/history-project.ts'
import { chromiumPath, openBrowser } from '../packages/viewer/src/testing/open-browser.ts'
// @ts-expect-error a script of this folder, without types
import { builtItems } from './build.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const published = new URL('../packages/supabase-logger/shadcn/', import.meta.url)
const axe = createRequire(new URL('../packages/viewer/package.json', import.meta.url)).resolve('axe-core/axe.min.js')
const step = (name: string) => ({ track: 'Track', path: `Track/${name}`, step: name, taskName: 'task', nested: false })
const started = { type: 'run.started', kind: 'track' } as const
const succeeded = { type: 'run.succeeded', durationMs: 61_000 } as const

test('what the package brings is what was built from the sources: node build.mjs', () => {
  for (const { name, text } of builtItems() as { name: string; text: string }[]) expect(readFileSync(new URL(name, published), 'utf8')).toBe(text)
})

test('the block and its page compile under strict settings', () => {
  execFileSync('npx', ['tsc', '-p', here], { cwd: dirname(here), stdio: 'pipe' })
})

describe.skipIf(chromiumPath === undefined)('the run history in a page of somebody, in Chromium', () => {
  let folder: string
  let project: HistoryProject
  let server: Server
  let opened: Awaited<ReturnType<typeof openBrowser>>
  let page: Page
  const live = newRunId()
  const failed = newRunId()
  const now = Date.now()

  beforeAll(async () => {
    // Few rows an answer: whoever takes a short page for the last one shows ten runs.
    project = await startHistoryProject([], 10)
    for (let index = 0; index < 45; index++) await project.store(eventsOf([started, succeeded], { runName: `Old ${index}`, at: now - (index + 10) * 60_000 }))
    await project.store(eventsOf([started, succeeded], { runName: 'Of another', tenantId: 'b', at: now }))
    const error = { name: 'Error', message: 'no sound in the file', retryable: false } as never
    await project.store(eventsOf([started, { type: 'step.started', ...step('listen') }, { type: 'step.failed', attempt: 2, durationMs: 850, error, handled: false, ...step('listen') }, { type: 'run.failed', durationMs: 900, error }], { runId: failed, runName: 'Failing', at: now - 120_000 }))
    await project.store(eventsOf([started, { type: 'step.started', ...step('listen') }], { runId: live, runName: 'Living', at: now - 60_000 }))

    // Installed as the item says, into an empty project.
    folder = mkdtempSync(join(tmpdir(), 'block-'))
    const item = JSON.parse(readFileSync(new URL('run-history.json', published), 'utf8')) as { files: { target: string; content: string }[] }
    for (const { target, content } of item.files) {
      mkdirSync(dirname(join(folder, target)), { recursive: true })
      writeFileSync(join(folder, target), content)
    }
    writeFileSync(join(folder, 'main.tsx'), readFileSync(join(here, 'test-page/main.tsx'), 'utf8').replace('../run-history/', './components/run-history/'))
    symlinkSync(join(here, 'node_modules'), join(folder, 'node_modules'))
    const { outputFiles } = await build({ entryPoints: [join(folder, 'main.tsx')], bundle: true, write: false, format: 'esm', jsx: 'automatic', nodePaths: [join(here, '../node_modules')], define: { 'process.env.NODE_ENV': '"production"' } })
    const html = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Runs</title><link rel="icon" href="data:,"><main></main><script type="module" src="/main.js"></script></html>'
    server = createServer((request, answer) => {
      const isScript = request.url === '/main.js'
      answer.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' }).end(isScript ? outputFiles[0]!.text : html)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')

    opened = await openBrowser()
    page = await opened.newPage()
    const token = project.tokenFor({ role: 'authenticated', app_metadata: { tenant_id: 'a' } })
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?${new URLSearchParams({ url: project.url, key: project.anonKey, token, tenant: 'a' })}`)
  }, 120_000)
  afterAll(async () => {
    await opened?.browser.close()
    server?.close()
    await project?.stop()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })
  const names = () => page.locator('[data-run] > span:first-child').allTextContents()
  const textOf = (selector: string) => page.locator(selector).textContent()

  test('lists the runs of the tenant, newest first, and more of them when asked, past short pages', async () => {
    await expect.poll(names).toEqual(['Living', 'Failing', ...Array.from({ length: 18 }, (_, index) => `Old ${index}`)])
    await page.getByRole('button', { name: 'Older runs' }).click()
    await expect.poll(async () => (await names()).length).toBe(40)
    await page.getByRole('button', { name: 'Older runs' }).click()
    await expect.poll(async () => (await names()).at(-1)).toBe('Old 44')
    expect(await page.getByRole('button', { name: 'Older runs' }).count()).toBe(0)
  })

  test('shows a run with its steps, and what went wrong', async () => {
    await page.locator(`[data-run="${failed}"]`).click()
    await expect.poll(() => textOf('[data-step=listen]')).toBe('listenattempt 2850 msfailedno sound in the file')
  })

  test('follows a run as it happens, and a new one comes into the list, without a reload', async () => {
    await page.locator(`[data-run="${live}"]`).click()
    await expect.poll(() => textOf('[data-step=listen]')).toBe('listenrunning')
    await project.store(eventsOf([{ type: 'step.progress', fraction: 0.5, ...step('listen') } as never], { runId: live, at: now - 50_000 }))
    await expect.poll(() => page.getByLabel('Progress of listen').getAttribute('value')).toBe('0.5')
    await project.store(eventsOf([{ type: 'step.succeeded', attempt: 1, durationMs: 12_345, ...step('listen') }, succeeded], { runId: live, at: now - 40_000 }))
    await expect.poll(() => textOf('[data-step=listen]')).toBe('listen12.3 ssucceeded')
    await expect.poll(() => textOf(`[data-run="${live}"]`)).toMatch(/^Living1 min 01 s.*succeeded$/)
    await project.store(eventsOf([started], { runName: 'Newest', at: now }))
    await expect.poll(async () => (await names())[0]).toBe('Newest')
  })

  test('says when Supabase is away, keeps what it shows, and goes on by itself', async () => {
    await project.stopDatabase()
    await expect.poll(() => page.getByRole('alert').count(), { timeout: 30_000 }).toBeGreaterThan(0)
    expect((await names())[0]).toBe('Newest')
    await project.startDatabase()
    await expect.poll(() => page.getByRole('alert').count(), { timeout: 60_000 }).toBe(0)
  }, 120_000)

  test('has names, roles and headings that axe finds nothing wrong with', async () => {
    await page.addScriptTag({ path: axe })
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } }).axe.run())
    expect(violations.map(({ id }) => id)).toEqual([])
  })
})
