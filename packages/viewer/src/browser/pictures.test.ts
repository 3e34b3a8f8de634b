import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath, pictureAt } from '../testing/open-browser.ts'
import { faultsOf, openSamplesPage, placeOf, type SamplesPage } from '../testing/open-samples-page.ts'

// How the page looks: pictures in out/viewer, of runs of every kind.

/** What is looked at, by the names of the pictures: where it is, and what must be seen there. */
const places: Readonly<Record<string, readonly [hash: string, seen: string, text: string]>> = {
  runs: ['', 'tbody tr', 'Halting'],
  run: ['#/run/reading', '.box.step', '3/3 items'],
  retried: [placeOf('reading', 'Reading/Words/Upper/flaky'), '#step-panel summary', '3 attempts'],
  skipped: [placeOf('reading', 'Reading/Words/Lower/notify'), '.box.step.is-skipped', 'notify'],
  failed: [placeOf('failing', 'Failing/Breaking/broken'), '.box.step.is-not-reached', 'count'],
  halted: [placeOf('halting', 'Halting/Meanwhile/linger'), '.box.step.is-cancelled', 'linger'],
  raced: [placeOf('racing', 'Racing/Slow/linger'), '#step-panel .error', 'Quick won'],
  paused: [placeOf('pausing', 'Pausing/a_moment'), '.critical-line', 'waiting for a time'],
  repeated: [placeOf('repeating', 'Repeating/refine[1]/count'), '.box.track', 'again until done'],
  each: [placeOf('repeating', 'Repeating/each'), '.row.track', 'Each 2/2'],
  waiting: [placeOf('waiting', 'Waiting/linger'), '.box.step.is-running', 'linger'],
  compare: ['#/compare/reading/forked', 'tr.differs', 'Speech/speak[0]'],
}

describe.skipIf(chromiumPath === undefined)('pictures of the page', () => {
  let shown: SamplesPage
  let going: Promise<unknown>
  beforeAll(async () => {
    shown = await openSamplesPage(async (samples) => {
      await samples.begin('Reading', 'reading')
      await samples.runner.fork('reading', { runId: 'forked', from: 'speak', set: { '[0].text': 'another' } })
      await samples.begin('Halting', 'halting')
      await samples.begin('Racing', 'racing')
      await samples.begin('Pausing', 'pausing')
      await samples.begin('Repeating', 'repeating')
      going = samples.begin('Waiting', 'waiting')
      void samples.begin('Failing', 'failing')
    })
  })
  afterAll(async () => {
    shown?.samples.release()
    await going
    await shown?.close()
  })

  test.each(Object.entries(places))('%s holds everything in its width, narrow and wide, light and dark, and nothing in it is hard to use', async (name, [hash, seen, text]) => {
    const { page, show } = shown
    await show(hash)
    await page.locator(seen, { hasText: text }).first().waitFor()
    for (const width of [1920, 1280, 360]) {
      await page.setViewportSize({ width, height: 1_000 })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await page.waitForTimeout(60) // sizes are observed, and then drawn
        await page.screenshot({ path: pictureAt(`${name}-${width}-${colorScheme}`), fullPage: true })
        expect(await page.evaluate<number>('document.documentElement.scrollWidth'), `${width} px`).toBeLessThanOrEqual(width)
        if (width === 360) expect(await faultsOf(page), `${width} px, ${colorScheme}`).toEqual([])
      }
    }
  })

  test('on paper: all lines, the graph within the sheet, dark on white, and nothing to press', async () => {
    const page = await shown.opened.newPage({ viewport: { width: 720, height: 500 }, colorScheme: 'dark' })
    await shown.show(placeOf('reading', 'Reading/Speech/join'), page)
    await page.locator('.row').first().waitFor()
    await writeFile(pictureAt('printed').replace(/png$/, 'pdf'), await page.pdf({ format: 'A4', margin: { top: '12mm', bottom: '12mm', left: '12mm', right: '12mm' } }))
    await page.emulateMedia({ media: 'print' })
    const sees = <Value>(script: string) => page.evaluate<Value>(script)
    await expect.poll(() => page.locator('.row').count()).toBe(await sees<number>(`document.querySelector('.rows').firstChild.offsetHeight / 28`))
    expect(await sees<number>(`document.querySelector('.paper').getBoundingClientRect().width`)).toBeLessThanOrEqual(700)
    expect(await sees<number>(`document.documentElement.scrollWidth`)).toBeLessThanOrEqual(720)
    expect(await sees<string>(`getComputedStyle(document.body).backgroundColor + getComputedStyle(document.body).color`)).toBe('rgb(255, 255, 255)rgb(22, 32, 43)')
    expect(await page.locator('nav, .bar, .acts').evaluateAll((parts) => parts.filter((part) => (part as unknown as { checkVisibility: () => boolean }).checkVisibility()).length)).toBe(0)
    await page.screenshot({ path: pictureAt('printed'), fullPage: true })
    await page.close()
  })
})
