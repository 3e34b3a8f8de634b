import { useMemo, useRef, useState, useLayoutEffect } from 'preact/hooks'
import type { OpenRun } from '../data/open-run.ts'
import { duration, lastOf, markOf, classOf } from '../parts/words.ts'
import { isPrinting } from '../parts/printing.ts'
import { layOut, type Box } from './lay-out.ts'

interface GraphViewProps {
  readonly run: OpenRun
  readonly selected: string | undefined
  readonly select: (path: string) => void
  readonly critical: ReadonlySet<string>
}

/** Boxes outside of what is seen are not in the page: a definition may have thousands. */
const marginPx = 300

/** The picture of a run: what waits for what, and how each part stands. */
export function GraphView({ run, selected, select, critical }: GraphViewProps) {
  const outline = run.pictured.value
  const version = run.version.value
  // Laid out anew only where its parts are others, not while they change how they stand.
  const shape = JSON.stringify(outline)
  const picture = useMemo(() => outline && layOut(outline), [shape])
  const element = useRef<HTMLDivElement>(null)
  const [seen, setSeen] = useState({ x: 0, y: 0, width: 2_000, height: 1_500 })
  useLayoutEffect(() => {
    const box = element.current
    if (!box) return undefined
    const look = () => setSeen({ x: box.scrollLeft, y: box.scrollTop, width: box.clientWidth, height: box.clientHeight })
    look()
    box.addEventListener('scroll', look, { passive: true })
    return () => box.removeEventListener('scroll', look)
  }, [picture])
  if (!picture) return null
  const isPrinted = isPrinting.value
  const isSeen = ({ x, y, width, height }: Pick<Box, 'x' | 'y' | 'width' | 'height'>) =>
    isPrinted || (x + width >= seen.x - marginPx && x <= seen.x + seen.width + marginPx && y + height >= seen.y - marginPx && y <= seen.y + seen.height + marginPx)
  const arrows = picture.arrows.filter(({ points }) => {
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)]
    return isSeen({ x: Math.min(...xs), y: Math.min(...ys), width: Math.max(...xs) - Math.min(...xs), height: Math.max(...ys) - Math.min(...ys) })
  })
  return (
    <div class="graph" ref={element} tabIndex={0} role="group" aria-label="Graph of the run" data-version={version}>
      <div class="paper" style={{ width: `${picture.width}px`, height: `${picture.height}px`, '--width': picture.width }}>
        <svg width={picture.width} height={picture.height} aria-hidden="true">
          <defs>
            <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z" /></marker>
          </defs>
          {arrows.map(({ from, to, points }) => <path key={`${from} ${to}`} class={critical.has(from) && critical.has(to) ? 'arrow critical' : 'arrow'} d={curve(points)} marker-end="url(#tip)" />)}
        </svg>
        {picture.boxes.filter(isSeen).map((box) => <BoxView key={box.path} box={box} run={run} isSelected={box.path === selected} isCritical={critical.has(box.path)} select={select} />)}
      </div>
    </div>
  )
}

function curve(points: readonly (readonly [number, number])[]): string {
  const [[startX, startY], [endX, endY]] = [points[0]!, points.at(-1)!]
  if (points.length <= 2) return startX === endX ? `M${startX} ${startY}L${endX} ${endY}` : `M${startX} ${startY}C${startX} ${(startY + endY) / 2} ${endX} ${(startY + endY) / 2} ${endX} ${endY}`
  return `M${points.map(([x, y]) => `${x} ${y}`).join('L')}`
}

function BoxView({ box, run, isSelected, isCritical, select }: { readonly box: Box; readonly run: OpenRun; readonly isSelected: boolean; readonly isCritical: boolean; readonly select: (path: string) => void }) {
  const { kind, path, label, x, y, width, height, repeats, left } = box
  const at = { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` }
  if (kind === 'more') {
    const stands = new Map<string, number>()
    for (const one of left!) {
      const status = run.statusOf(run.model.steps.get(one) ?? run.model.tracks.get(one), one)
      stands.set(status, (stands.get(status) ?? 0) + 1)
    }
    return <div class="box more" style={at}><strong>{label}</strong><span>{[...stands].map(([status, count]) => `${count} ${status}`).join(', ')}</span></div>
  }
  const track = kind === 'track' ? run.model.tracks.get(path) : undefined
  const step = run.model.steps.get(path)
  const status = run.statusOf(track ?? step, path)
  if (kind === 'track') {
    return (
      <div class={`box track is-${classOf(status)}`} style={at}>
        <button type="button" class={isSelected ? 'selected' : ''} aria-pressed={isSelected} onClick={() => select(path)} title={path}>
          <span class="mark" aria-hidden="true">{markOf[status]}</span> {label} <span class="visually-hidden">track, {status}</span>
        </button>
      </div>
    )
  }
  const items = repeats || step?.itemCount !== undefined ? itemsText(run, path) : undefined
  const took = step?.startedAt === undefined ? '' : duration((step.endedAt ?? run.until) - step.startedAt)
  return (
    <button type="button" class={`box step is-${classOf(status)} ${isSelected ? 'selected' : ''} ${isCritical ? 'critical' : ''}`} style={at} aria-pressed={isSelected} onClick={() => select(path)} title={path}>
      <span class="mark" aria-hidden="true">{markOf[status]}</span>
      <span class="name">{lastOf(label)}</span>
      <span class="sub">{[status, items, took, step && step.attempts.length > 1 ? `${step.attempts.length} tries` : ''].filter(Boolean).join(' · ')}{isCritical && <span class="visually-hidden"> on the critical path</span>}</span>
    </button>
  )
}

function itemsText(run: OpenRun, path: string): string {
  const step = run.model.steps.get(path)
  if (!step) return 'for each'
  return `${run.itemsDone(step)}/${step.itemCount ?? step.children.length} items`
}
