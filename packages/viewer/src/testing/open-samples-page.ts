import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { startViewer, type Viewer } from '../server/start-viewer.ts'
import { openBrowser } from './open-browser.ts'
import { openSamples } from './sample-runs.ts'

/** A viewer over sample runs, and a page of a browser that shows them. */
export interface SamplesPage {
  readonly folder: string
  readonly samples: ReturnType<typeof openSamples>
  readonly viewer: Viewer
  readonly opened: Awaited<ReturnType<typeof openBrowser>>
  readonly page: Page
  /** The address of a place in the page. */
  readonly at: (hash: string) => string
  /** Goes there, from nowhere. */
  readonly show: (hash: string, page?: Page) => Promise<void>
  readonly close: () => Promise<void>
}

export async function openSamplesPage(begin: (samples: ReturnType<typeof openSamples>) => Promise<unknown>): Promise<SamplesPage> {
  const folder = await mkdtemp(join(tmpdir(), 'viewer-page-'))
  const samples = openSamples(join(folder, 'journal'))
  await begin(samples)
  const viewer = await startViewer({ source: samples.source() })
  const opened = await openBrowser()
  const page = await opened.newPage()
  const at = (hash: string) => `${viewer.url}${hash}`
  return {
    ...{ folder, samples, viewer, opened, page, at },
    async show(hash, shown = page) {
      await shown.goto('about:blank')
      await shown.goto(at(hash))
    },
    async close() {
      await opened.browser.close()
      await viewer.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The place of a step, or of a track, in the page. */
export const placeOf = (runId: string, path: string): string => `#/run/${runId}/${encodeURIComponent(path)}`

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** Serious faults that axe finds in the page as it stands. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(axe, 'utf8'))
  const { violations } = await page.evaluate<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>('axe.run(document)')
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`)
}
