import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportRun } from '../export/export-run.ts'
import { chromiumPath } from '../testing/open-browser.ts'
import { faultsOf, openSamplesPage, placeOf, type SamplesPage } from '../testing/open-samples-page.ts'

// What a person does, in a real browser.

describe.skipIf(chromiumPath === undefined)('the page in Chromium', () => {
  let shown: SamplesPage
  let { folder, viewer, opened, samples, page, show } = {} as SamplesPage
  beforeAll(async () => {
    shown = await openSamplesPage(async (its) => {
      await its.begin('Reading', 'reading')
      await its.runner.fork('reading', { runId: 'forked', from: 'speak', set: { '[0].text': 'another' } })
    })
    ;({ folder, viewer, opened, samples, page, show } = shown)
  })
  afterAll(() => shown?.close())
  const step = (path: string) => placeOf('reading', path)

  test('runs are listed, searched and filtered', async () => {
    await show('')
    await page.getByRole('link', { name: 'Reading' }).first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('forked')
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1)
    await page.locator('select').selectOption('failed')
    await page.getByText('No run fits.').waitFor()
    expect(await faultsOf(page)).toEqual([])
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

  test('what a run asks for is answered from the page', async () => {
    const going = samples.begin('Asking', 'asking')
    await expect.poll(() => samples.journal.questions('asking').catch(() => [])).toHaveLength(1)
    await show(`#/run/asking/${encodeURIComponent('Asking/review')}`)
    await page.locator('textarea').fill('{"note":7}')
    await page.getByRole('button', { name: 'Answer' }).click()
    await page.getByRole('status').filter({ hasText: 'does not fit' }).waitFor()
    await page.locator('textarea').fill('{"note":"good"}')
    await page.getByText(`tracks approve asking Asking/review '{"note":"good"}'`).waitFor()
    await page.getByRole('button', { name: 'Answer' }).click()
    expect(await going).toMatchObject({ status: 'succeeded' })
    await page.locator('h1', { hasText: 'succeeded' }).waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Answer' }).count()).toBe(0)
  })

  test('a run that failed says what went wrong, with its cause, and what was not come to', async () => {
    samples.release()
    await samples.begin('Failing', 'failing')
    await show(`#/run/failing/${encodeURIComponent('Failing/Breaking/broken')}`)
    const error = page.getByRole('group', { name: 'Error' }).last()
    await error.getByText('sample/broken').waitFor()
    await error.getByText('the cable was cut').waitFor()
    await page.locator('.box.step.is-not-reached', { hasText: 'join' }).waitFor()
    expect(await faultsOf(page)).toEqual([])
  })

  test('two runs are compared, steps matched, differences marked', async () => {
    await show('')
    for (const runId of ['reading', 'forked']) await page.getByRole('checkbox', { name: `Compare ${runId}`, exact: true }).check()
    await page.getByRole('button', { name: 'Compare' }).click()
    await page.locator('tr.differs', { hasText: 'Speech/speak[0]' }).waitFor()
    expect(await page.locator('tr.detail').first().textContent()).toContain('another')
    await page.getByRole('checkbox').uncheck()
    await page.locator('tr:not(.differs)', { hasText: 'Words/count' }).waitFor()
    expect(await faultsOf(page)).toEqual([])
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
    expect(await faultsOf(alone)).toEqual([])
    await alone.close()
  })
})
