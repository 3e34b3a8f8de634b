/** Twelve tracks of uneven length: the long ones of each level wait for short ones, so that a barrier between levels costs much. */
export const unevenTracks = {
  A1: { ms: 1_000, after: [] },
  B1: { ms: 5_000, after: [] },
  C1: { ms: 2_000, after: [] },
  A2: { ms: 5_000, after: ['A1'] },
  B2: { ms: 1_000, after: ['B1'] },
  C2: { ms: 2_000, after: ['C1', 'A1'] },
  A3: { ms: 1_000, after: ['A2', 'C1'] },
  B3: { ms: 5_000, after: ['B2'] },
  C3: { ms: 1_000, after: ['C2'] },
  A4: { ms: 5_000, after: ['A3'] },
  B4: { ms: 1_000, after: ['B3', 'A3'] },
  C4: { ms: 2_000, after: ['C3', 'B2'] },
} as const satisfies Record<string, { readonly ms: number; readonly after: readonly string[] }>

type Name = keyof typeof unevenTracks
const names = Object.keys(unevenTracks) as Name[]

/** The names by level: a track's level is one more than the highest that it waits for. */
export function levelsOf(): Name[][] {
  const level = (name: Name): number => Math.max(0, ...unevenTracks[name].after.map((earlier) => level(earlier) + 1))
  const count = Math.max(...names.map(level)) + 1
  return Array.from({ length: count }, (_, index) => names.filter((name) => level(name) === index))
}

/** How long the whole takes at best, in milliseconds, and over how many tracks that leads. */
export function criticalPath(hopMs: number): number {
  const end = (name: Name): number => Math.max(0, ...unevenTracks[name].after.map(end)) + unevenTracks[name].ms + hopMs
  return Math.max(...names.map(end))
}

/** How long it takes at best with a barrier after each level, in milliseconds. */
export function levelByLevel(hopMs: number): number {
  return levelsOf().reduce((sum, level) => sum + Math.max(...level.map((name) => unevenTracks[name].ms)) + hopMs, 0)
}
