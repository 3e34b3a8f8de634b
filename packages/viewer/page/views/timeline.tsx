import { useRef } from 'preact/hooks'
import type { StepModel } from '../../src/model/run-model.ts'
import type { Row } from '../../src/model/rows.ts'
import type { OpenRun } from '../data/open-run.ts'
import { VirtualList } from '../parts/virtual-list.tsx'
import { duration, markOf, classOf } from '../parts/words.ts'

interface TimelineProps {
  readonly run: OpenRun
  readonly selected: string | undefined
  readonly select: (path: string) => void
  readonly critical: ReadonlySet<string>
}

export const rowHeight = 28

/** Lines of tracks, steps, items and calls with their bars: waiting for a place, running, waiting for the next try or for a time. */
export function Timeline({ run, selected, select, critical }: TimelineProps) {
  void run.version.value
  const rows = run.rows.value
  const element = useRef<HTMLDivElement>(null)
  const index = rows.findIndex(({ path }) => path === selected)
  const start = run.model.startedAt
  const spanMs = Math.max(1, run.until - start)

  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[index]
    const to = (at: number) => rows[Math.max(0, Math.min(rows.length - 1, at))] && select(rows[Math.max(0, Math.min(rows.length - 1, at))]!.path)
    const page = Math.floor((element.current?.clientHeight ?? 300) / rowHeight) - 1
    const moves: Readonly<Record<string, () => unknown>> = {
      ArrowDown: () => to(index + 1),
      ArrowUp: () => to(index - 1),
      Home: () => to(0),
      End: () => to(rows.length - 1),
      PageDown: () => to(index + page),
      PageUp: () => to(index - page),
      ArrowRight: () => (row && row.inside > 0 && !row.isOpen ? run.turn(row.path) : to(index + 1)),
      ArrowLeft: () => (row?.isOpen ? run.turn(row.path) : to(rows.findLastIndex((one, at) => at < index && one.depth < (row?.depth ?? 0)))),
      Enter: () => document.querySelector<HTMLElement>('#step-panel')?.focus(),
    }
    const move = moves[event.key]
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    move()
  }

  return (
    <div class="timeline">
      <div class="scale" aria-hidden="true">
        <span class="labels">Step</span>
        <span class="bars">{[0, 0.25, 0.5, 0.75, 1].map((part) => <span key={part} style={{ left: `${part * 100}%` }}>{duration(spanMs * part)}</span>)}</span>
      </div>
      <VirtualList
        elementRef={element}
        count={rows.length}
        rowHeight={rowHeight}
        shownIndex={index}
        class="rows"
        attributes={{ style: { height: `min(44vh, ${rows.length * rowHeight + 4}px)` }, role: 'tree', tabIndex: 0, 'aria-label': 'Timeline of the run: arrow keys move, Enter shows the step', 'aria-activedescendant': index >= 0 ? `row-${index}` : undefined, onKeyDown }}
        row={(at) => <RowView key={rows[at]!.path} row={rows[at]!} index={at} run={run} start={start} spanMs={spanMs} isSelected={at === index} isCritical={critical.has(rows[at]!.path)} select={select} />}
      />
    </div>
  )
}

interface RowProps {
  readonly row: Row
  readonly index: number
  readonly run: OpenRun
  readonly start: number
  readonly spanMs: number
  readonly isSelected: boolean
  readonly isCritical: boolean
  readonly select: (path: string) => void
}

function RowView({ row, index, run, start, spanMs, isSelected, isCritical, select }: RowProps) {
  const { path, label, depth, inside, isOpen, step, track, kind, waits } = row
  const status = run.statusOf(step ?? track, path)
  const began = step?.startedAt ?? step?.readyAt ?? track?.startedAt
  const ended = (step ?? track)?.endedAt
  const took = began === undefined ? '' : duration((ended ?? run.until) - began)
  const items = step?.itemCount === undefined ? '' : ` ${run.itemsDone(step)}/${step.itemCount}`
  const parts = step ? partsOf(step, run.until, waits) : track?.startedAt === undefined ? [] : [{ kind: 'span', from: track.startedAt, to: ended ?? run.until }]
  const turn = (event: Event) => {
    event.stopPropagation()
    run.turn(path)
  }
  return (
    <div
      id={`row-${index}`}
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={isSelected}
      aria-expanded={inside > 0 ? isOpen : undefined}
      class={`row ${kind} is-${classOf(status)} ${isSelected ? 'selected' : ''} ${isCritical ? 'critical' : ''}`}
      style={{ height: `${rowHeight}px` }}
      onClick={() => select(path)}
    >
      <span class="labels" style={{ paddingLeft: `${6 + Math.min(depth, 8) * 14}px` }}>
        {inside > 0 ? <span class="turn" aria-hidden="true" onClick={turn}>{isOpen ? '▾' : '▸'}</span> : <span class="turn" />}
        <span class="mark" aria-hidden="true">{markOf[status]}</span>
        <span class="name" title={path}>{label}{items}</span>
        <span class="visually-hidden">, {status}{isCritical && ', on the critical path'}, </span>
      </span>
      <span class="bars">
        {parts.map((part, at) => {
          const from = Math.max(0, (part.from - start) / spanMs)
          return <span key={at} class={`part ${part.kind}`} style={{ left: `${from * 100}%`, width: `max(2px, ${Math.max(0, Math.min(1, (part.to - start) / spanMs) - from) * 100}%)` }} aria-hidden="true" title={`${part.kind} ${duration(part.to - part.from)}`} />
        })}
        <span class="took">{took}</span>
      </span>
    </div>
  )
}

interface Part {
  readonly kind: string
  readonly from: number
  readonly to: number
}

/** What the time of a step went into. */
function partsOf(step: StepModel, until: number, waits = false): Part[] {
  const { readyAt, startedAt, endedAt, attempts } = step
  if (step.status === 'skipped') return []
  const end = endedAt ?? until
  const parts: Part[] = []
  if (startedAt !== undefined && startedAt > readyAt) parts.push({ kind: 'queue', from: readyAt, to: startedAt })
  if (attempts.length <= 1) return [...parts, { kind: waits ? 'pause' : 'run', from: startedAt ?? readyAt, to: end }]
  for (const attempt of attempts) {
    const tryEnd = attempt.endedAt ?? end
    if (tryEnd > attempt.startedAt) parts.push({ kind: attempt.error ? 'failed-try' : 'run', from: attempt.startedAt, to: tryEnd })
    if (attempt.delayMs !== undefined) parts.push({ kind: 'retry', from: tryEnd, to: Math.min(end, tryEnd + attempt.delayMs) })
  }
  return parts
}
