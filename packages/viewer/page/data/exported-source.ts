import type { ExportedRun } from '../../src/export/export-run.ts'
import { RequestError, type PageSource } from './page-source.ts'

/** The run that stands in this page, where it is an exported one. */
export async function exportedSource(): Promise<PageSource | undefined> {
  const element = document.querySelector('#exported-run')
  if (!element) return undefined
  const packed = Uint8Array.from(atob(element.textContent ?? ''), (character) => character.charCodeAt(0))
  const { run, events, values, exportedAt } = (await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))).json()) as ExportedRun
  const only = () => Promise.reject(new RequestError('viewer/exported', 'This page holds one run, as it stood when it was exported.'))
  return {
    exported: { runId: run.runId, exportedAt },
    info: () => Promise.resolve({ source: 'exported run', canCompare: false }),
    list: () => Promise.resolve({ runs: [run] }),
    run: (runId) => (runId === run.runId ? Promise.resolve(run) : only()),
    events: () => Promise.resolve({ events, next: '', more: false }),
    value: (_runId, reference) => (Object.hasOwn(values, reference) ? Promise.resolve(values[reference]) : Promise.reject(new RequestError('viewer/unknown_value', 'It was too big for this page, or was gone when it was made.'))),
    compare: only,
    act: only,
    follow(_runId, { events: hear, run: hearRun }) {
      hear({ events, next: '', more: false })
      hearRun(run)
      return () => undefined
    },
    mediaUrl: () => undefined,
    exportUrl: () => undefined,
  }
}
