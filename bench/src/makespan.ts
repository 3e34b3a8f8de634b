import type { OrchestratorDefinition, TrackDefinition } from '@track-orchestrator/core'
import { createRunner } from '@track-orchestrator/core/in-process'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { randomGraph } from './graph.ts'
import type { Measurement } from './measurement.ts'

interface Graph {
  readonly name: string
  /** What each node waits for, and how long it sleeps, in milliseconds. */
  readonly dependencies: readonly (readonly number[])[]
  readonly sleepMs: readonly number[]
}

const braid = (length: number): Graph => ({
  name: `braid of 6 strands, ${length} long`,
  dependencies: Array.from({ length: 6 * length }, (_, node) => (node < 6 ? [] : [node - 6, Math.floor((node - 6) / 6) * 6 + ((node + 1) % 6)])),
  sleepMs: Array.from({ length: 6 * length }, (_, node) => ((node * 7) % 6 === 0 ? 150 : 20 + ((node * 13) % 40))),
})

const graphs: readonly Graph[] = [
  { name: 'diamond with one long side', dependencies: [[], [0], [0], [1], [2], [3, 4]], sleepMs: [50, 400, 50, 50, 400, 50] },
  braid(5),
  { name: 'random graph of 49', dependencies: randomGraph(49, 7), sleepMs: Array.from({ length: 49 }, (_, node) => 20 + ((node * 37) % 120)) },
]

/** How long orchestrators of sleeping tracks take against their critical path, the least that is possible. */
export async function measureMakespan(): Promise<Measurement[]> {
  const sleep = defineTask({ name: 'sleep', input: z.object({ ms: z.number() }), output: z.object({}) })
  const runner = createRunner({ registry: defineRegistry({ sleep }), handlers: { sleep: async ({ ms }) => delay(ms, {}) } })
  const measurements: Measurement[] = []
  for (const { name, dependencies, sleepMs } of graphs) {
    const orchestrator: OrchestratorDefinition = {
      name: 'Graph',
      tracks: sleepMs.map((ms, node): TrackDefinition => ({ name: `T${node}`, tasks: [{ taskName: 'sleep', inputMapper: () => ({ ms }) }] })),
      trackDependencies: Object.fromEntries(dependencies.map((before, node) => [`T${node}`, before.map((dependency) => `T${dependency}`)])),
    }
    const criticalMs = criticalPathMs(dependencies, sleepMs)
    const ratios: number[] = []
    for (let round = 0; round < 5; round++) {
      const startedAt = performance.now()
      await runner.runOrchestrator(orchestrator, { tenantId: 't', projectId: 'p' })
      ratios.push((performance.now() - startedAt) / criticalMs)
    }
    const ratio = ratios.toSorted((a, b) => a - b)[2]!
    measurements.push({ name: `makespan, ${name}`, ratio, limit: 1.05, detail: `critical path ${criticalMs} ms; with a barrier after each level ${(barrierMs(dependencies, sleepMs) / criticalMs).toFixed(2)}` })
  }
  return measurements
}

function criticalPathMs(dependencies: Graph['dependencies'], sleepMs: Graph['sleepMs']): number {
  const endMs: number[] = []
  dependencies.forEach((before, node) => endMs.push(sleepMs[node]! + Math.max(0, ...before.map((dependency) => endMs[dependency]!))))
  return Math.max(...endMs)
}

/** What a scheduler would take that runs level after level. */
function barrierMs(dependencies: Graph['dependencies'], sleepMs: Graph['sleepMs']): number {
  const levels: number[] = []
  dependencies.forEach((before) => levels.push(Math.max(-1, ...before.map((dependency) => levels[dependency]!)) + 1))
  const longest: number[] = []
  levels.forEach((level, node) => (longest[level] = Math.max(longest[level] ?? 0, sleepMs[node]!)))
  return longest.reduce((sum, ms) => sum + ms, 0)
}
