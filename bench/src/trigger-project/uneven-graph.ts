/** Two sides whose long tracks stand on different levels: who waits for whole levels waits for both. Milliseconds. */
export const unevenNaps = { A: 500, B: 4_000, C: 500, D: 500, E: 4_000, F: 500 } as const
export const unevenDependencies: Readonly<Record<string, readonly (keyof typeof unevenNaps)[]>> = { B: ['A'], C: ['A'], D: ['B'], E: ['C'], F: ['D', 'E'] }

/** The least that the graph can take. */
export const criticalPathMs = endMs('F')

function endMs(node: keyof typeof unevenNaps): number {
  return unevenNaps[node] + Math.max(0, ...(unevenDependencies[node] ?? []).map(endMs))
}
