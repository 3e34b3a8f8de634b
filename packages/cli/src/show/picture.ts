import type { CompositeTrackDefinition, OrchestratorDefinition, Schedule, TrackDefinition, TrackTaskDefinition } from '@track-orchestrator/core'
import { formatDuration, printable } from '@track-orchestrator/core/console'
import { ownOf } from '../input/schema-places.ts'

/** A definition as boxes in groups, and arrows. */
interface Picture {
  readonly name: string
  readonly groups: readonly { readonly name: string; readonly boxes: readonly string[] }[]
  readonly boxes: readonly { readonly id: string; readonly text: string }[]
  readonly arrows: readonly (readonly [from: string, to: string])[]
}

/** Lays out what follows on what. Tracks inside steps are one box. */
export function pictureOf(definition: TrackDefinition | OrchestratorDefinition): Picture {
  const groups: { name: string; boxes: string[] }[] = []
  const boxes: { id: string; text: string }[] = []
  const arrows: [string, string][] = []
  const box = (text: string) => {
    const id = `b${boxes.length}`
    boxes.push({ id, text: printable(text) })
    return id
  }
  /** Gives the boxes in which the track ends. */
  const draw = (track: TrackDefinition, starts: readonly string[]): string[] => {
    const own = track.tasks.map((step) => box(textOf(step)))
    groups.push({ name: printable(`${track.name}${scheduled(track.schedule)}`), boxes: own })
    let ends = [...starts]
    for (const id of own) {
      arrows.push(...ends.map((from): [string, string] => [from, id]))
      ends = [id]
    }
    const { subTracks = [] } = track as Partial<CompositeTrackDefinition>
    return subTracks.length === 0 ? ends : subTracks.flatMap((sub) => draw(sub, ends))
  }
  const start = box(`${definition.name}${scheduled(definition.schedule)}`)
  if (!('tracks' in definition)) {
    draw(definition, [start])
    return { name: definition.name, groups, boxes, arrows }
  }
  const { tracks, trackDependencies = {}, finalTask } = definition
  const endsOf = new Map<string, string[]>()
  const waiting = new Set(tracks)
  while (waiting.size > 0) {
    const before = waiting.size
    for (const track of waiting) {
      const dependencies = ownOf(trackDependencies, track.name) ?? []
      if (!dependencies.every((name) => endsOf.has(name))) continue
      waiting.delete(track)
      endsOf.set(track.name, draw(track, dependencies.length > 0 ? dependencies.flatMap((name) => endsOf.get(name)!) : [start]))
    }
    if (waiting.size === before) break // a circle: the definition is refused where it is made
  }
  if (finalTask) {
    const waitedFor = new Set(Object.values(trackDependencies).flatMap((names) => names ?? []))
    const final = box(finalTask.taskName)
    for (const [name, ends] of endsOf) if (!waitedFor.has(name)) arrows.push(...ends.map((from): [string, string] => [from, final]))
  }
  return { name: definition.name, groups, boxes, arrows }
}

/** What a step is called, and how it runs. */
function textOf({ id, track, approve, taskName, waitMs, waitUntil, forEach, repeat, when }: TrackTaskDefinition): string {
  const isWait = waitMs !== undefined || waitUntil !== undefined
  const name = id ?? track?.name ?? approve ?? (isWait ? 'wait' : taskName)
  const marks = [approve !== undefined && '(asks)', isWait && (waitMs === undefined ? '(until a date)' : `(${formatDuration(waitMs)})`), forEach !== undefined && '[each]', repeat && '[again]', when && '?']
  return [name, ...marks.filter(Boolean)].join(' ')
}

const scheduled = (schedule: Schedule | undefined): string => (schedule ? `, at ${schedule.cron} ${schedule.timezone ?? 'UTC'}` : '')

/** For Graphviz. */
export function toDot({ name, groups, boxes, arrows }: Picture): string {
  const quoted = (text: string) => JSON.stringify(printable(text))
  const clusters = groups.flatMap((group, index) => (group.boxes.length === 0 ? [] : [`  subgraph cluster_${index} { label=${quoted(group.name)}; ${group.boxes.join('; ')} }`]))
  return [`digraph ${quoted(name)} {`, '  rankdir=TB; node [shape=box, style=rounded];', ...boxes.map(({ id, text }) => `  ${id} [label=${quoted(text)}];`), ...clusters, ...arrows.map(([from, to]) => `  ${from} -> ${to};`), '}', ''].join('\n')
}

const [boxHeight, rowHeight, columnGap, letter, margin] = [30, 54, 24, 7.4, 20]

/** A picture of its own: every box below all that it follows on, those of one row side by side. */
export function toSvg({ name, boxes, arrows }: Picture): string {
  const row = new Map(boxes.map(({ id }) => [id, 0]))
  // As often as the longest way has arrows: boxes are made in an order in which most arrows lead on.
  for (let changed = true; changed; ) {
    changed = false
    for (const [from, to] of arrows) {
      if (row.get(to)! > row.get(from)!) continue
      row.set(to, row.get(from)! + 1)
      changed = true
    }
  }
  const widthOf = (text: string) => Math.round(Array.from(text).length * letter + 20)
  const rows = Array.from({ length: Math.max(...row.values()) + 1 }, (_, index) => boxes.filter(({ id }) => row.get(id) === index))
  const widths = rows.map((inRow) => inRow.reduce((sum, { text }) => sum + widthOf(text) + columnGap, -columnGap))
  const width = Math.max(...widths)
  const at = new Map<string, { x: number; y: number; width: number }>()
  for (const [index, inRow] of rows.entries()) {
    let x = margin + (width - widths[index]!) / 2
    for (const { id, text } of inRow) {
      at.set(id, { x, y: margin + index * rowHeight, width: widthOf(text) })
      x += widthOf(text) + columnGap
    }
  }
  const xml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
  const lines = arrows.map(([from, to]) => {
    const [a, b] = [at.get(from)!, at.get(to)!]
    return `<line x1="${a.x + a.width / 2}" y1="${a.y + boxHeight}" x2="${b.x + b.width / 2}" y2="${b.y - 4}" marker-end="url(#tip)"/>`
  })
  const rects = boxes.map(({ id, text }) => {
    const { x, y, width: w } = at.get(id)!
    return `<rect x="${x}" y="${y}" width="${w}" height="${boxHeight}" rx="6"/><text x="${x + w / 2}" y="${y + 20}">${xml(text)}</text>`
  })
  const [w, h] = [width + 2 * margin, rows.length * rowHeight - (rowHeight - boxHeight) + 2 * margin]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img" aria-label="${xml(name)}">`,
    '<style>rect{fill:#fff;stroke:#456}line{stroke:#456}text{font:13px sans-serif;text-anchor:middle;fill:#123}</style>',
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#456"/></marker></defs>',
    ...lines,
    ...rects,
    '</svg>',
    '',
  ].join('\n')
}
