import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { readPage, type PageFiles } from '../page-files.ts'
import type { RunSource } from '../source/run-source.ts'
import type { ViewedEvent, ViewedRunDetails } from '../model/wire.ts'

/** What an exported page shows: one run as it stood then. */
export interface ExportedRun {
  readonly exportedAt: number
  readonly run: ViewedRunDetails
  readonly events: readonly ViewedEvent[]
  /** By their references. What was left out for its size is missing. */
  readonly values: Readonly<Record<string, unknown>>
}

/** Of JSON in all; bigger values are left out from the biggest on, and the page says so. */
const mostValueBytes = 4_000_000

/**
 * One HTML file that shows a run without any server: script, style and data stand in it, the data compressed. What it may do is in its
 * content-security-policy: run its own script, and nothing else. Secrets are blotted out, as everywhere; media are not in it.
 * Throws what the source throws, and `viewer/page_not_built`.
 */
export async function exportRun(source: RunSource, runId: string, page: PageFiles = readPage()): Promise<string> {
  const { acts: _acts, command: _command, ...run } = await source.run(runId)
  const events: ViewedEvent[] = []
  for (let after: string | undefined, more = true; more; ) {
    const found = await source.events(runId, after)
    events.push(...found.events)
    after = found.next
    more = found.more
  }
  const values = await valuesOf(source, runId, events)
  const exported: ExportedRun = { exportedAt: Date.now(), run: { ...run, acts: [] }, events, values }
  const data = gzipSync(JSON.stringify(exported), { level: 9 }).toString('base64')
  const [script, style] = [page.script.replaceAll('</script', String.raw`<\/script`), page.style]
  const policy = `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; img-src data:; base-uri 'none'; form-action 'none'`
  const title = `${run.name} ${runId}`.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="content-security-policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${title}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<div id="app"></div>',
    `<script type="text/plain" id="exported-run">${data}</script>`,
    `<script type="module">${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

async function valuesOf(source: RunSource, runId: string, events: readonly ViewedEvent[]): Promise<Record<string, unknown>> {
  const references = new Set(events.flatMap((event) => ['input', 'output'].flatMap((name) => (event as { readonly [name: string]: unknown })[name] ?? []) as string[]))
  const found: { reference: string; value: unknown; bytes: number }[] = []
  for (const reference of references) {
    const value = await source.value(runId, reference).catch(() => undefined) // is gone: the page says so
    if (value !== undefined) found.push({ reference, value, bytes: JSON.stringify(value).length })
  }
  let bytes = 0
  const kept = found.toSorted((a, b) => a.bytes - b.bytes).filter((one) => (bytes += one.bytes) <= mostValueBytes)
  return Object.fromEntries(kept.map(({ reference, value }) => [reference, value]))
}

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`
