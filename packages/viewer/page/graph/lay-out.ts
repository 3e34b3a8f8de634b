import { graphlib, layout } from '@dagrejs/dagre'
import type { Outline, StepOutline, TrackOutline } from '@track-orchestrator/core/in-process'

/** A box of the picture. Lengths in pixels, from the upper left corner of the picture. */
export interface Box {
  readonly kind: 'step' | 'track' | 'more'
  readonly path: string
  readonly label: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Of a step, or of steps that are left out: it runs once for each item. */
  readonly repeats?: boolean
  /** Of a box that stands for many: their paths. */
  readonly left?: readonly string[]
}

export interface Arrow {
  readonly from: string
  readonly to: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Picture {
  readonly width: number
  readonly height: number
  readonly boxes: readonly Box[]
  readonly arrows: readonly Arrow[]
}

const [stepWidth, stepHeight, gap, padding, heading, sideGap] = [196, 44, 20, 12, 26, 20]
/** A longer chain is drawn with its beginning and its end: the timeline has it whole. */
const mostInChain = 24
/** More tracks are drawn side by side without arrows: laying arrows out costs more than a frame. */
const mostTracks = 120

/** Steps below each other in the box of their track, sub-tracks side by side below them, tracks as they depend on each other. */
export function layOut(outline: Outline): Picture {
  const drawn = outline.kind === 'track' ? drawTrack(outline) : drawTracks(outline)
  const { width, height, boxes, arrows } = place(drawn, padding, padding)
  return { width: width + 2 * padding, height: height + 2 * padding, boxes, arrows }
}

/** A part of the picture by itself, from its own corner. */
interface Drawn extends Picture {
  /** Boxes in which it begins and ends: arrows lead there. */
  readonly first: string | undefined
  readonly last: readonly string[]
}

const place = (part: Drawn, x: number, y: number): Drawn => ({
  ...part,
  boxes: part.boxes.map((box) => ({ ...box, x: box.x + x, y: box.y + y })),
  arrows: part.arrows.map((one) => ({ ...one, points: one.points.map(([px, py]) => [px + x, py + y] as const) })),
})

function drawStep({ path, step, repeats = false }: StepOutline): Drawn {
  return { width: stepWidth, height: stepHeight, boxes: [{ kind: 'step', path, label: step, x: 0, y: 0, width: stepWidth, height: stepHeight, ...(repeats && { repeats }) }], arrows: [], first: path, last: [path] }
}

function drawTrack(track: TrackOutline): Drawn {
  const { steps, subTracks = [], path, again, repeats } = track
  const name = `${track.name}${again ? ', again until done' : repeats ? ', for each item' : ''}`
  const isLong = steps.length > mostInChain
  const [head, tail] = isLong ? [steps.slice(0, mostInChain - 5), steps.slice(-4)] : [steps, []]
  const parts: Drawn[] = head.map(draw)
  if (isLong) {
    const left = steps.slice(mostInChain - 5, -4).map((step) => step.path)
    const key = `${path}/…`
    parts.push({ width: stepWidth, height: stepHeight, boxes: [{ kind: 'more', path: key, label: `${left.length} more steps`, x: 0, y: 0, width: stepWidth, height: stepHeight, left }], arrows: [], first: key, last: [key] })
  }
  parts.push(...tail.map(draw))
  const subs = subTracks.map(drawTrack)
  const subsWidth = subs.reduce((sum, { width }) => sum + width + sideGap, -sideGap)
  const inner = Math.max(stepWidth, ...parts.map(({ width }) => width), subsWidth)
  const boxes: Box[] = []
  const arrows: Arrow[] = []
  let y = heading + padding
  let ends: readonly string[] = []
  const put = (part: Drawn, x: number, at: number, starts: readonly string[]) => {
    const placed = place(part, x, at)
    boxes.push(...placed.boxes)
    arrows.push(...placed.arrows, ...starts.flatMap((from) => (placed.first === undefined ? [] : [arrow(boxes, from, placed.first)])))
  }
  for (const part of parts) {
    put(part, padding + (inner - part.width) / 2, y, ends)
    y += part.height + gap
    ends = part.last
  }
  let x = padding + (inner - subsWidth) / 2
  for (const sub of subs) {
    put(sub, x, y, ends)
    x += sub.width + sideGap
  }
  if (subs.length > 0) y += Math.max(...subs.map(({ height }) => height)) + gap
  const [width, height] = [inner + 2 * padding, y - gap + padding]
  return { width, height, boxes: [{ kind: 'track', path, label: name, x: 0, y: 0, width, height }, ...boxes], arrows, first: path, last: [path] }
}

const draw = (part: StepOutline | TrackOutline): Drawn => (part.kind === 'step' ? drawStep(part) : drawTrack(part))

/** From the lower edge of one box to the upper edge of the other. */
function arrow(boxes: readonly Box[], from: string, to: string): Arrow {
  const [a, b] = [from, to].map((path) => boxes.find((box) => box.path === path)!) as [Box, Box]
  return { from, to, points: [[a.x + a.width / 2, a.y + a.height], [b.x + b.width / 2, b.y]] }
}

function drawTracks({ tracks, dependencies, finalStep }: Extract<Outline, { kind: 'orchestrator' }>): Drawn {
  const parts = tracks.map((track) => ({ name: track.name, part: drawTrack(track) }))
  if (tracks.length > mostTracks) return beside(parts.map(({ part }) => part))
  const graph = new graphlib.Graph()
  graph.setGraph({ rankdir: 'TB', nodesep: sideGap, ranksep: 34, marginx: 0, marginy: 0 })
  graph.setDefaultEdgeLabel(() => ({}))
  const waitedFor = new Set(Object.values(dependencies).flat())
  for (const { name, part } of parts) graph.setNode(`t:${name}`, { width: part.width, height: part.height })
  for (const { name } of parts) for (const dependency of dependencies[name] ?? []) graph.setEdge(`t:${dependency}`, `t:${name}`)
  if (finalStep) {
    graph.setNode('final', { width: stepWidth, height: stepHeight })
    for (const { name } of parts) if (!waitedFor.has(name)) graph.setEdge(`t:${name}`, 'final')
  }
  layout(graph)
  const boxes: Box[] = []
  const arrows: Arrow[] = []
  const put = (key: string, part: Drawn) => {
    const node = graph.node(key) as { x: number; y: number }
    const placed = place(part, node.x - part.width / 2, node.y - part.height / 2)
    boxes.push(...placed.boxes)
    arrows.push(...placed.arrows)
  }
  for (const { name, part } of parts) put(`t:${name}`, part)
  if (finalStep) put('final', drawStep(finalStep))
  const pathOf = (key: string) => (key === 'final' ? finalStep!.path : tracks.find(({ name }) => `t:${name}` === key)!.path)
  for (const edge of graph.edges()) {
    const { points } = graph.edge(edge) as { points: { x: number; y: number }[] }
    arrows.push({ from: pathOf(edge.v), to: pathOf(edge.w), points: points.map(({ x, y }) => [x, y] as const) })
  }
  const { width = stepWidth, height = stepHeight } = graph.graph() as { width?: number; height?: number }
  return { width: Math.max(stepWidth, width), height: Math.max(stepHeight, height), boxes, arrows, first: undefined, last: [] }
}

/** Many tracks, in rows. */
function beside(parts: readonly Drawn[]): Drawn {
  const perRow = Math.ceil(Math.sqrt(parts.length))
  const boxes: Box[] = []
  const arrows: Arrow[] = []
  let [x, y, rowHeight, width] = [0, 0, 0, 0]
  parts.forEach((part, index) => {
    if (index % perRow === 0 && index > 0) [x, y, rowHeight] = [0, y + rowHeight + sideGap, 0]
    const placed = place(part, x, y)
    boxes.push(...placed.boxes)
    arrows.push(...placed.arrows)
    x += part.width + sideGap
    rowHeight = Math.max(rowHeight, part.height)
    width = Math.max(width, x - sideGap)
  })
  return { width, height: y + rowHeight, boxes, arrows, first: undefined, last: [] }
}
