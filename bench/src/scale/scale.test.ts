import { readFileSync, writeFileSync } from 'node:fs'
import { voiceConversion } from '../../../apps/trigger-worker/src/orchestrators/voice-conversion.orchestrator.ts'
import { expect, test } from 'vitest'
import { flagship } from './flagship.ts'
import { scaleFigures } from './scale-figures.ts'

const page = new URL('../../../docs/scale.md', import.meta.url)
const block = /(<!-- simulated -->\n\n).*?(\n<!-- \/simulated -->)/s

// `SCALE_PAGE=write npx vitest run` in bench makes the page's figures and its plot anew.
test('the figures and the plot of docs/scale.md are those of the simulation', { timeout: 300_000 }, async () => {
  const { tables, plot } = await scaleFigures()
  const written = readFileSync(page, 'utf8')
  const plotFile = new URL('scale.svg', page)
  if (process.env['SCALE_PAGE'] === 'write') {
    writeFileSync(page, written.replace(block, (_, before: string, after: string) => before + tables + after))
    writeFileSync(plotFile, plot)
  }
  expect(readFileSync(page, 'utf8')).toContain(tables)
  expect(readFileSync(plotFile, 'utf8')).toBe(plot)
})

test('what is simulated has the steps of the flagship', () => {
  const stepsOf = ({ tracks, finalTask }: { tracks: readonly { name: string; tasks: readonly { taskName: string }[] }[]; finalTask?: { taskName: string } | undefined }) => [...tracks.map(({ name, tasks }) => [name, ...tasks.map(({ taskName }) => taskName)]), finalTask?.taskName]
  expect(stepsOf(flagship as never)).toEqual(stepsOf(voiceConversion as never))
})
