import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exportRun, startViewer, type RunSource, type Viewer } from '@track-orchestrator/viewer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import buildPage from '../../../packages/viewer/src/testing/build-page.ts'
import { chromiumPath, openBrowser, pictureAt } from '../../../packages/viewer/src/testing/open-browser.ts'
import { runSeenFlagship } from './testing/seen-flagship.ts'

// The flagship, really run, as a person sees it.

let folder: string
let source: RunSource
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seen-run-'))
  source = await runSeenFlagship(folder)
  buildPage()
}, 300_000)
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

test('exported, it is below 1 MB', async () => {
  expect((await exportRun(source, 'talk')).length).toBeLessThan(1_000_000)
})

describe.skipIf(chromiumPath === undefined)('in Chromium', () => {
  let viewer: Viewer
  let opened: Awaited<ReturnType<typeof openBrowser>>
  beforeAll(async () => {
    viewer = await startViewer({ source })
    opened = await openBrowser()
  })
  afterAll(async () => {
    await opened?.browser.close()
    await viewer?.close()
  })
  const at = (path: string) => `${viewer.url}#/run/talk/${encodeURIComponent(path)}`

  test('its speech is heard, sentence by sentence, each with its waveform and what it says', async () => {
    const page = await opened.newPage()
    await page.goto(at('VoiceConversion/AudioProcessingTrack/elevenlabs_text_to_speech_batch'))
    const panel = page.locator('#step-panel details.value').first()
    await panel.locator('svg.waveform path').first().waitFor()
    expect((await panel.locator('svg.waveform path').first().getAttribute('d'))!.length).toBeGreaterThan(1_000)
    expect(await panel.locator('figcaption').first().textContent()).toMatch(/\.wav: “.*John Dashwood/)
    expect(await panel.locator('svg.waveform .cue').count()).toBe(0)
    await page.close()
  })

  test('the joined sound has the cues on its waveform, and a click goes there', async () => {
    const page = await opened.newPage()
    await page.goto(at('VoiceConversion/AudioProcessingTrack/combine_audio_segments'))
    const value = page.locator('#step-panel details.value', { has: page.getByText('Output', { exact: true }) })
    const waveform = value.locator('svg.waveform').first()
    await waveform.waitFor()
    await waveform.click()
    await expect.poll(() => value.locator('audio').first().evaluate<number, { currentTime: number }>((audio) => audio.currentTime)).toBeGreaterThan(5)
    await page.close()
  })

  test('the finished video plays from its own storage in ranges, with its subtitles; the source, which lies elsewhere, is not shown', async () => {
    const page = await opened.newPage()
    await page.goto(at('VoiceConversion/final:merge_audio_video'))
    const video = page.locator('#step-panel video').first()
    await video.waitFor()
    await page.evaluate(`(() => { const video = document.querySelector('#step-panel video'); video.muted = true; return video.play() })()`)
    const stands = () => page.evaluate<{ at: number; seconds: number; cues: number }>(`(() => { const video = document.querySelector('#step-panel video'); return { at: video.currentTime, seconds: video.duration, cues: video.textTracks[0]?.cues?.length ?? 0 } })()`)
    await expect.poll(async () => (await stands()).at).toBeGreaterThan(0.5)
    expect(await stands()).toMatchObject({ seconds: expect.closeTo(30, 0) as number, cues: 7 })
    await page.goto(at('VoiceConversion/AudioProcessingTrack/media_audio_extract'))
    await page.getByText('talk.webm: The file is not shown: it lies outside of the folders whose media may be shown.').first().waitFor()
    await page.close()
  })

  test('pictures of it are taken, light and dark, wide and narrow', async () => {
    for (const width of [360, 1280, 1920]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await opened.newPage({ viewport: { width, height: 900 }, colorScheme })
        await page.goto(at('VoiceConversion/AudioProcessingTrack/elevenlabs_text_to_speech_batch'))
        await page.locator('#step-panel svg.waveform').first().waitFor()
        await page.waitForTimeout(500)
        const picture = await page.screenshot({ path: pictureAt(`flagship-${width}-${colorScheme}`) })
        // The documentation's own: UPDATE_PICTURES=1.
        if (width === 1280 && colorScheme === 'light' && process.env['UPDATE_PICTURES']) await writeFile(fileURLToPath(new URL('../../../docs/see-a-run.png', import.meta.url)), picture)
        expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
        await page.close()
      }
    }
  })
})
