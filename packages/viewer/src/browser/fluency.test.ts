import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from '../testing/open-browser.ts'
import { longestFrameMs } from '../testing/measure-scroll.ts'
import { openSamplesPage, type SamplesPage } from '../testing/open-samples-page.ts'

/**
 * Only a guard against a page that stands still: a list that is drawn whole takes seconds. How fluent it is, alone on a machine, is measured
 * by `npm run bench -- viewer` against 50 ms.
 */
const standsMs = 1_000

describe.skipIf(chromiumPath === undefined)('a big run', () => {
  let shown: SamplesPage
  beforeAll(async () => {
    shown = await openSamplesPage(async (samples) => {
      await samples.begin('Long', 'long')
      await samples.begin('Chatty', 'chatty', { lines: 50_000 })
    })
  })
  afterAll(() => shown?.close())

  test('of 2,000 steps is shown within seconds, and its timeline scrolls without a frame that stands', async () => {
    const { page, show } = shown
    const began = performance.now()
    await show('#/run/long')
    await expect.poll(() => page.evaluate<number>(`document.querySelector('.rows')?.scrollHeight ?? 0`)).toBeGreaterThan(2_000 * 28)
    const shownMs = performance.now() - began
    const longest = await longestFrameMs(page, '.rows')
    console.info(`2,000 steps: shown after ${Math.round(shownMs)} ms; longest frame while scrolling ${Math.round(longest)} ms`)
    expect(shownMs).toBeLessThan(15_000)
    expect(longest).toBeLessThan(standsMs)
    expect(await page.evaluate<number>(`document.querySelectorAll('*').length`)).toBeLessThan(1_500)
  })

  test('with 50,000 log lines is searched, and scrolls without a frame that stands', async () => {
    const { page, show } = shown
    await show('#/run/chatty')
    await page.getByText('Logs of the run (50,000)').click()
    await page.getByText('50,000 lines', { exact: true }).waitFor()
    const longest = await longestFrameMs(page, '.lines')
    console.info(`50,000 log lines: longest frame while scrolling ${Math.round(longest)} ms`)
    expect(longest).toBeLessThan(standsMs)
    await page.locator('.all-logs').getByPlaceholder('Search logs').fill('line number 49999')
    await page.locator('.line').getByText('line number 49999').waitFor()
    expect(await page.evaluate<number>(`document.querySelectorAll('.line').length`)).toBe(1)
  })
})
