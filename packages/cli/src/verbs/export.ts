import { arch, platform, release } from 'node:os'
import { relative, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { RunEvent } from '@track-orchestrator/core'
import type { JournaledStep } from '@track-orchestrator/core/in-process'
import { redactValue } from '@track-orchestrator/registry'
import { tarOf } from '../show/tar.ts'
import { writeWhole } from '../show/write-whole.ts'
import { version } from '../terminal.ts'
import type { Asking } from './verb.ts'

/** One file for a bug report, without secrets; or a trace for Perfetto and speedscope. */
export async function exportRun({ source: open, show, terminal }: Asking, said: string, { perfetto = false, out, force = false }: { readonly perfetto?: boolean; readonly out?: string; readonly force?: boolean }): Promise<void> {
  const source = await open()
  const runId = await source.find(said)
  const { records, events, steps, run, payload, fork } = await source.read(runId)
  const path = resolve(terminal.folder, out ?? `${runId}.${perfetto ? 'trace.json' : 'tar.gz'}`)
  const text = (value: unknown) => `${JSON.stringify(redactValue(value), undefined, 2)}\n`
  const lines = (values: readonly object[]) => values.map((value) => `${JSON.stringify(redactValue(value))}\n`).join('')
  const environment = { command: version, node: process.version, system: `${platform()} ${release()} ${arch()}` }
  const bytes = perfetto
    ? Buffer.from(JSON.stringify({ traceEvents: traceOf(steps, events), displayTimeUnit: 'ms' }))
    : gzipSync(tarOf({ 'run.json': text({ ...run, ...(payload !== undefined && { payload }), ...(fork && { fork }) }), 'steps.json': text(steps), ...(records ? { 'journal.jsonl': lines(records) } : { 'events.jsonl': lines(events) }), 'environment.json': text(environment) }))
  await writeWhole(path, bytes, force)
  show.value({ runId, path })
  const below = relative(terminal.folder, path)
  show.line(`${below.startsWith('..') ? path : below}  (${Math.ceil(bytes.length / 1024)} KiB)`)
  if (!perfetto) show.line('Keys, tokens and signatures are blotted out; what else is in it (names, texts, URLs) see for yourself before you hand it on.')
}

/** The Trace Event Format: a row a track, a bar a step; times in microseconds. */
function traceOf(steps: readonly JournaledStep[], events: readonly RunEvent[]): object[] {
  const tracks = [...new Set(steps.map(rowOf))]
  const first = Math.min(...steps.map(({ startedAt }) => startedAt))
  const micros = (at: number) => (at - first) * 1_000
  return [
    ...tracks.map((name, index) => ({ ph: 'M', name: 'thread_name', pid: 1, tid: index + 1, args: { name } })),
    ...steps.filter(({ takenFrom }) => takenFrom === undefined).map((step) => ({
      ...{ ph: 'X', name: step.path.slice(step.path.lastIndexOf('/') + 1), cat: step.status, pid: 1, tid: tracks.indexOf(rowOf(step)) + 1, ts: micros(step.startedAt) },
      dur: Math.max(1, micros(step.endedAt ?? step.startedAt) - micros(step.startedAt)),
      args: redactValue({ path: step.path, task: step.taskName, attempts: step.attempts, ...(step.error && { error: step.error.message }) }),
    })),
    ...events.filter((event) => event.type === 'step.retrying').map((event) => ({ ph: 'i', s: 't', name: `attempt ${event.attempt} failed`, pid: 1, tid: tracks.findIndex((row) => row.startsWith(event.path)) + 1 || 1, ts: micros(event.at) })),
  ]
}

/** Items and nested calls may overlap: each has a row of its own. */
const rowOf = ({ path, nested }: JournaledStep): string => (nested || path.endsWith(']') ? path : path.slice(0, path.lastIndexOf('/')))
