import { MultiBar, type SingleBar } from 'cli-progress'
import type { RunEvent, RunLog } from '@track-orchestrator/core'
import { describeEvent, formatDuration, printable } from '@track-orchestrator/core/console'

interface TrackBar {
  readonly bar: SingleBar
  readonly stepCount: number
  done: number
}

/** What deserves a line of its own above the bars. */
const told: ReadonlySet<RunEvent['type']> = new Set(['run.started', 'run.succeeded', 'run.failed', 'run.cancelled', 'step.retrying', 'step.failed', 'step.skipped', 'track.failed', 'track.skipped', 'log'])
/** A bar, its percentage and two columns of text fit into 80 columns. */
const [barColumns, nameColumns, noteColumns] = [10, 20, 38]

/** A bar a track, moved by its steps, for terminals. */
export function createBars(stream: NodeJS.WritableStream): RunLog {
  const runs = new Map<string, { multi: MultiBar; tracks: Map<string, TrackBar> }>()

  const open = (runId: string) => {
    const multi = new MultiBar({ stream, format: ' {bar} {percentage} %  {name}  {note}', hideCursor: true, barsize: barColumns, fps: 10, forceRedraw: false }, undefined)
    const run = { multi, tracks: new Map<string, TrackBar>() }
    runs.set(runId, run)
    return run
  }

  const write = (event: RunEvent): void => {
    const run = runs.get(event.runId) ?? open(event.runId)
    const line = told.has(event.type) ? describeEvent(event, 'info') : undefined
    if (event.type === 'run.succeeded' || event.type === 'run.failed' || event.type === 'run.cancelled') {
      run.multi.stop()
      runs.delete(event.runId)
      stream.write(`${line}\n`)
      return
    }
    if (line !== undefined) run.multi.log(`${line}\n`)
    if (event.type === 'track.started') {
      const bar = run.multi.create(Math.max(1, event.stepCount) * 1_000, 0, { name: cell(event.track, nameColumns), note: '' })
      run.tracks.set(event.path, { bar, stepCount: event.stepCount, done: 0 })
      return
    }
    const track = 'path' in event && event.path !== undefined ? trackOf(run.tracks, event.path) : undefined
    if (track) move(track, event)
  }

  return { write, flush: () => Promise.resolve() }
}

/** The bar of the track that a path lies in: the longest path that it begins with. */
function trackOf(tracks: ReadonlyMap<string, TrackBar>, path: string): TrackBar | undefined {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const found = tracks.get(path.slice(0, end))
    if (found) return found
  }
  return undefined
}

function move(track: TrackBar, event: RunEvent): void {
  const { bar, stepCount } = track
  const note = (text: string) => ({ note: cell(text, noteColumns).trimEnd() })
  switch (event.type) {
    case 'step.started':
      if (!event.nested) bar.update(track.done * 1_000, note(event.step))
      return
    case 'step.progress':
      if (!event.nested) bar.update(Math.round((track.done + event.fraction) * 1_000), { note: withRate(event.note ?? event.step, noteColumns) })
      return
    case 'step.succeeded':
    case 'step.skipped':
      if (!event.nested) bar.update(++track.done * 1_000)
      return
    case 'track.succeeded':
      bar.update(Math.max(1, stepCount) * 1_000, note(`done in ${formatDuration(event.durationMs)}`))
      return
    case 'track.failed':
    case 'track.cancelled':
      bar.update(note(event.type === 'track.failed' ? 'failed' : 'cancelled'))
      return
    default:
  }
}

/** `make H.264: 69 frames/s, 2.3x`, where room is short with less of what is done, and the whole rate. */
function withRate(text: string, columns: number): string {
  const at = text.lastIndexOf(': ')
  const rate = at < 0 ? '' : text.slice(at)
  const room = columns - Array.from(printable(rate)).length
  return room < 4 ? cell(text, columns).trimEnd() : `${cell(text.slice(0, text.length - rate.length), room).trimEnd()}${printable(rate)}`
}

/** A text that takes just as many columns, the end of a longer one left out. */
function cell(text: string, columns: number): string {
  const characters = Array.from(printable(text))
  return characters.length > columns ? `${characters.slice(0, columns - 1).join('')}…` : characters.join('').padEnd(columns)
}
