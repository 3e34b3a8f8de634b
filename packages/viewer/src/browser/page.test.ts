import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportRun } from '../export/export-run.ts'
import { startViewer, type Viewer } from '../server/start-viewer.ts'
import { chromiumPath, openBrowser, pictureAt } from '../testing/open-browser.ts'
import { openSamples } from '../testing/sample-runs.ts'

// What a person does, in a real browser.

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

describe.skipIf(chromiumPath === undefined)('the page in Chromium', () => {
  let folder: string
  let viewer: Viewer
  let opened: Awaited<ReturnType<typeof openBrowser>>
  let samples: ReturnType<typeof openSamples>
  let page: Page
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'viewer-page-'))
    samples = openSamples(join(folder, 'journal'))
    await samples.begin('Reading', 'reading')
    await samples.runner.fork('reading', { runId: 'forked', from: 'speak', set: { '[0].text': 'another' } })
    viewer = await startViewer({ source: samples.source() })
    opened = await openBrowser()
    page = await opened.newPage()
  })
  afterAll(async () => {
    await opened?.browser.close()
    await viewer?.close()
    await rm(folder, { recursive: true, force: true })
  })
  const at = (hash: string) => `${viewer.url}${hash}`
  const show = async (hash: string) => {
    await page.goto('about:blank')
    await page.goto(at(hash))
  }
  const step = (path: string) => `#/run/reading/${encodeURIComponent(path)}`
  /** Serious faults that axe finds. */
  const faults = async (of: Page) => {
    await of.evaluate(await readFile(axe, 'utf8'))
    const { violations } = await of.evaluate<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>('axe.run(document)')
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`)
  }

  test('runs are listed, searched and filtered', async () => {
    await show('')
    await page.getByRole('link', { name: 'Reading' }).first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('forked')
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1)
    await page.locator('select').selectOption('failed')
    await page.getByText('No run fits.').waitFor()
    expect(await faults(page)).toEqual([])
  })

  test('a run is drawn as a graph and as a timeline under one selection, by mouse and by keyboard', async () => {
    await show('#/run/reading')
    await page.locator('.box.step', { hasText: 'flaky' }).click()
    const panel = page.getByRole('region', { name: 'flaky, succeeded' })
    await panel.getByText('3 attempts').waitFor()
    expect(await panel.locator('.attempts li').allTextContents()).toEqual([expect.stringContaining('not yet, at attempt 1'), expect.stringContaining('not yet, at attempt 2'), expect.any(String)])
    const tree = page.getByRole('tree')
    expect(await tree.locator('[aria-selected=true]').textContent()).toContain('flaky')
    // A part that took no time is not drawn: the queue before, and the last attempt.
    const drawn = (await page.locator('.row.selected .part').evaluateAll((parts) => parts.map((part) => part.className))).join(', ')
    expect(drawn).toContain('part failed-try, part retry, part failed-try, part retry')
    await tree.focus()
    await page.keyboard.press('Home')
    await expect.poll(() => tree.locator('[aria-selected=true]').textContent()).toContain('Speech')
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key)
    await expect.poll(() => tree.locator('[aria-selected=true]').textContent()).toContain('[0]')
    await page.keyboard.press('Enter')
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('step-panel')
    await page.keyboard.press('Escape')
    await expect.poll(() => page.locator('#step-panel').count()).toBe(0)
    expect(await page.locator('.box.step.critical').allTextContents()).toEqual(expect.arrayContaining([expect.stringContaining('speak')]))
  })

  test('a step shows its input and output, folded, searched and copied; what a stranger wrote is text', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await show(step('Reading/Speech/join'))
    const output = page.locator('details.value', { has: page.getByText('Output', { exact: true }) })
    await output.getByPlaceholder('Search output').fill('word-217')
    await output.getByText('1 found').waitFor()
    expect(await output.locator('.hit').allTextContents()).toEqual(['word: "word-217"'])
    await output.getByRole('button', { name: 'Copy JSON' }).click()
    await expect.poll(async () => (JSON.parse(await page.evaluate<string>('navigator.clipboard.readText()')) as { text: string }).text).toBe('joined')
    await show(step('Reading/Speech/split'))
    await page.locator('#step-panel').getByText('<script>document.title').first().waitFor()
    expect(await page.title()).not.toContain('owned')
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.content()).not.toMatch(/hunter22|abcdef0123/)
  })

  test('another origin is never asked, and nothing was complained of', () => {
    expect(opened.requests.filter((url) => !url.startsWith(viewer.url) && url !== 'about:blank')).toEqual([])
    // The samples name a sound that lies outside the run's storage: it is refused, and the browser says so where it had begun to load it.
    const refused = encodeURIComponent('file:///nowhere/')
    expect(opened.complaints.filter((text) => !(text.includes('403 (Forbidden)') && text.includes(refused)))).toEqual([])
  })

  test('a run is followed while it goes on, cancelled, resumed and forked from the page', async () => {
    const going = samples.begin('Waiting', 'waiting')
    await expect.poll(() => samples.journal.isRunning('waiting').catch(() => false)).toBe(true)
    await show('#/run/waiting')
    await page.locator('.box.step.is-running', { hasText: 'linger' }).waitFor()
    await page.getByText('tracks cancel waiting').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await going
    await page.getByText('tracks resume waiting').waitFor()
    await page.locator('h1', { hasText: 'cancelled' }).waitFor()
    samples.release()
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.locator('h1', { hasText: 'succeeded' }).waitFor()
    await page.locator('.box.step.is-reused', { hasText: 'split' }).waitFor()
    await page.locator('.box.step', { hasText: 'linger' }).click()
    await page.getByText('Fork from here').click()
    await page.locator('textarea').fill('lines[0] = "edited"')
    await page.getByText("tracks fork waiting --from Waiting/linger --set 'lines[0]=\"edited\"'").waitFor()
    await page.getByRole('button', { name: 'Fork' }).click()
    await page.getByText('a fork of').waitFor()
    await expect.poll(() => page.url()).toContain('waiting-fork')
  })

  test('a run that failed says what went wrong, with its cause, and what was not come to', async () => {
    samples.release()
    await samples.begin('Failing', 'failing')
    await show(`#/run/failing/${encodeURIComponent('Failing/Breaks/broken')}`)
    const error = page.getByRole('group', { name: 'Error' }).last()
    await error.getByText('sample/broken').waitFor()
    await error.getByText('the cable was cut').waitFor()
    await page.locator('.box.step.is-not-reached', { hasText: 'join' }).waitFor()
    expect(await faults(page)).toEqual([])
  })

  test('two runs are compared, steps matched, differences marked', async () => {
    await show('')
    for (const runId of ['reading', 'forked']) await page.getByRole('checkbox', { name: `Compare ${runId}`, exact: true }).check()
    await page.getByRole('button', { name: 'Compare' }).click()
    await page.locator('tr.differs', { hasText: 'Speech/speak[0]' }).waitFor()
    expect(await page.locator('tr.detail').first().textContent()).toContain('another')
    await page.getByRole('checkbox').uncheck()
    await page.locator('tr:not(.differs)', { hasText: 'Words/count' }).waitFor()
    expect(await faults(page)).toEqual([])
  })

  test('a run that is not there is told, and so is a viewer that is gone', async () => {
    await show('#/run/none')
    await page.getByRole('alert').getByText('There is no run "none".').waitFor()
  })

  test('an exported page opens from disk, without a server or a request', async () => {
    const html = await exportRun(samples.source(), 'reading')
    const path = join(folder, 'run.html')
    await writeFile(path, html)
    expect(html.length).toBeLessThan(1_000_000)
    expect(html).not.toContain('owned')
    const before = opened.complaints.length
    const alone = await opened.newPage()
    const asked: string[] = []
    alone.on('request', (request) => asked.push(request.url()))
    await alone.goto(pathToFileURL(path).href)
    await alone.locator('.box.step', { hasText: 'flaky' }).click()
    await alone.getByText('3 attempts').waitFor()
    await alone.locator('.box.step', { hasText: 'split' }).click()
    await alone.locator('#step-panel details.value').first().getByText('three').waitFor()
    expect(asked.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([])
    expect(opened.complaints.slice(before)).toEqual([])
    expect(await alone.title()).not.toContain('owned')
    expect(await faults(alone)).toEqual([])
    await alone.close()
  })

  test.each([360, 1280, 1920])('pictures at %i px, light and dark, hold everything in their width', { timeout: 120_000 }, async (width) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const one = await opened.newPage({ viewport: { width, height: 1_000 }, colorScheme })
      for (const [name, hash] of [['runs', ''], ['run', '#/run/reading'], ['step', step('Reading/Words/Upper/flaky')], ['failed', `#/run/failing/${encodeURIComponent('Failing/Breaks/broken')}`], ['compare', '#/compare/reading/forked']] as const) {
        await one.goto('about:blank')
        await one.goto(at(hash))
        await one.locator('h1').waitFor()
        await one.waitForTimeout(300)
        await one.screenshot({ path: pictureAt(`${name}-${width}-${colorScheme}`), fullPage: true })
        expect(await one.evaluate<number>('document.documentElement.scrollWidth'), name).toBeLessThanOrEqual(width)
        if (width === 360) expect(await faults(one), `${name} at ${width} px, ${colorScheme}`).toEqual([])
      }
      await one.close()
    }
  })
})
