import type { RunEvent, RunLog } from '@track-orchestrator/core'
import { describeEvent, formatDuration, printable } from '@track-orchestrator/core/console'
import { columnsOf, cutTo } from './columns.ts'
import { LiveLines } from './live-lines.ts'

interface StepBar {
  readonly startedAt: number
  /** How far it was then. */
  readonly startedFraction: number
  readonly itemCount: number | undefined
  line: (columns: number) => string
}

/** What deserves a line of its own above the bars. */
const told: ReadonlySet<RunEvent['type']> = new Set(['run.started', 'step.succeeded', 'step.retrying', 'step.failed', 'step.skipped', 'track.failed', 'track.skipped', 'track.cancelled', 'log'])
/** Bars at once: a fan-out may have a thousand items. */
const mostBars = 8
const barColumns = 12

/**
 * A bar for every step that says how far it is, with its rate and the time left, for terminals. The lines above tell what has ended, and what handlers print, there or to
 * `others` on the same terminal.
 */
export function createBars(stream: NodeJS.WritableStream, others: readonly NodeJS.WritableStream[] = []): RunLog {
  const bars = new Map<string, StepBar>()
  const started = new Map<string, { readonly at: number; readonly itemCount: number | undefined }>()
  const live = new LiveLines(stream)
  const draw = () => live.set([...bars.values()].map(({ line }) => line))

  const move = (event: Extract<RunEvent, { type: 'step.progress' }>) => {
    const { path, fraction, step: name, note } = event
    const isItem = path.endsWith(']')
    // An item that is done has no bar of its own any more: the step's tells how many there are.
    if (isItem && fraction >= 1) return end(path)
    const begun = started.get(path)
    const bar = bars.get(path) ?? { startedAt: begun?.at ?? event.at, startedFraction: begun ? 0 : fraction, itemCount: begun?.itemCount, line: () => '' }
    if (!bars.has(path) && bars.size >= mostBars) return
    bars.set(path, bar)
    const full = Math.round(fraction * barColumns)
    const start = ` ${'█'.repeat(full)}${'░'.repeat(barColumns - full)} ${String(Math.floor(fraction * 100)).padStart(3)} %  ${printable(`${name}${isItem ? path.slice(path.lastIndexOf('[')) : ''}`)}`
    const timing = pace(bar, event).map((part) => `  ${part}`).join('')
    bar.line = (columns) => `${start}${noteWithin(note, columns - columnsOf(start + timing))}${timing}`
    draw()
  }

  const end = (path: string) => {
    started.delete(path)
    for (const known of [...bars.keys()]) if (known === path || known.startsWith(`${path}[`)) bars.delete(known)
    draw()
  }

  return {
    write(event) {
      if (event.type === 'run.started') live.guard([stream, ...others])
      if (event.type === 'step.started') started.set(event.path, { at: event.at, itemCount: event.itemCount })
      if (event.type === 'step.progress') return event.nested ? undefined : move(event)
      if (event.type === 'step.succeeded' || event.type === 'step.failed' || event.type === 'step.skipped') end(event.path)
      const line = told.has(event.type) ? describeEvent(event, 'info') : undefined
      if (line !== undefined) live.print(line)
      if (event.type === 'run.succeeded' || event.type === 'run.failed' || event.type === 'run.cancelled') {
        bars.clear()
        live.end()
      }
    },
    flush: () => Promise.resolve(),
  }
}

/** What a handler says gives way to the rate and the time left. */
const noteWithin = (note = '', columns: number): string => (note === '' || columns < 6 ? '' : cutTo(`  ${printable(note)}`, columns))

/** The rate, and how much longer it takes if it goes on like this. Nothing in the first half second: it would jump. */
function pace({ startedAt, startedFraction, itemCount }: StepBar, { at, fraction }: { readonly at: number; readonly fraction: number }): string[] {
  const elapsedMs = at - startedAt
  const done = fraction - startedFraction
  if (elapsedMs < 500 || done <= 0) return []
  const perSecond = done / (elapsedMs / 1_000)
  const rate = itemCount === undefined ? `${(perSecond * 100).toFixed(1)} %/s` : `${(perSecond * itemCount).toFixed(1)}/s`
  return fraction < 1 ? [rate, `${formatDuration(((1 - fraction) / perSecond) * 1_000)} left`] : [rate]
}
