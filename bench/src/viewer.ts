import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { exportRun } from '@track-orchestrator/viewer'
import { runSeenFlagship } from '@track-orchestrator/trigger-worker/src/testing/seen-flagship.ts'
import { readPage } from '../../packages/viewer/src/page-files.ts'
import buildPage from '../../packages/viewer/src/testing/build-page.ts'
import { longestFrameMs } from '../../packages/viewer/src/testing/measure-scroll.ts'
import { chromiumPath } from '../../packages/viewer/src/testing/open-browser.ts'
import { openSamplesPage } from '../../packages/viewer/src/testing/open-samples-page.ts'
import type { Measurement } from './measurement.ts'

const [mostFrameMs, mostScriptBytes, mostExportBytes] = [50, 60_000, 1_000_000]
const kilobytes = (bytes: number) => `${(bytes / 1_000).toFixed(1)} kB`

/** What the page of `tracks view` costs whoever looks at it: frames, bytes to load, bytes to send on. */
export async function measureViewer(): Promise<Measurement[]> {
  buildPage()
  const scriptBytes = gzipSync(readPage().script, { level: 9 }).length
  const exportBytes = await sizeOfExport()
  return [
    ...(await measureFrames()),
    { name: 'viewer: script, compressed', ratio: scriptBytes / mostScriptBytes, limit: 1, detail: kilobytes(scriptBytes) },
    { name: "viewer: the flagship's run, exported", ratio: exportBytes / mostExportBytes, limit: 1, detail: kilobytes(exportBytes) },
  ]
}

async function measureFrames(): Promise<Measurement[]> {
  if (chromiumPath === undefined) return []
  const { page, show, close } = await openSamplesPage(async (samples) => {
    await samples.begin('Long', 'long')
    await samples.begin('Chatty', 'chatty', { lines: 50_000 })
  })
  const frame = (what: string, ms: number) => ({ name: `viewer: longest frame, ${what}`, ratio: ms / mostFrameMs, limit: 1, detail: `${ms.toFixed(0)} ms, the best of up to 20 times through the list` })
  const often = { tries: 20, enoughMs: 17 }
  try {
    await show('#/run/long')
    await page.locator('.row').nth(5).waitFor()
    const steps = await longestFrameMs(page, '.rows', often)
    await show('#/run/chatty')
    await page.getByText('Logs of the run (50,000)').click()
    await page.getByText('50,000 lines', { exact: true }).waitFor()
    return [frame('2,000 steps', steps), frame('50,000 log lines', await longestFrameMs(page, '.lines', often))]
  } finally {
    await close()
  }
}

async function sizeOfExport(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-viewer-'))
  try {
    return Buffer.byteLength(await exportRun(await runSeenFlagship(folder), 'talk'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
