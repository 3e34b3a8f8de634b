import type { OrchestratorDefinition, TrackDefinition } from '@track-orchestrator/core'
import { createRunner } from '@track-orchestrator/core/in-process'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { z } from 'zod'
import { compare } from './compare.ts'
import type { Measurement } from './measurement.ts'

/** A layered random graph: node k waits for up to two earlier nodes. */
export function randomGraph(count: number, seed = 1): number[][] {
  let state = seed
  const random = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648
  return Array.from({ length: count }, (_, node) => {
    if (node < 10) return []
    const back = () => Math.max(0, node - 1 - Math.floor(random() * 50))
    return [...new Set([back(), back()])]
  })
}

/** The least a scheduler can do: a counter a node, and what each node runs. */
function bareScheduler(dependencies: readonly number[][], run: (node: number) => Promise<unknown>): () => Promise<unknown> {
  const dependants: number[][] = dependencies.map(() => [])
  dependencies.forEach((before, node) => before.forEach((dependency) => dependants[dependency]!.push(node)))
  return () =>
    new Promise((resolve) => {
      const waiting = Uint32Array.from(dependencies, ({ length }) => length)
      const outputs: unknown[] = []
      let left = dependencies.length
      const start = (node: number): void => {
        void run(node).then((output) => {
          outputs[node] = output
          for (const dependant of dependants[node]!) if (--waiting[dependant]! === 0) start(dependant)
          if (--left === 0) resolve(outputs)
        })
      }
      for (let node = 0; node < dependencies.length; node++) if (waiting[node] === 0) start(node)
    })
}

/** Orchestrators of 1,000 and 10,000 tracks of one no-op step against a counter scheduler that runs the same tracks one by one. */
export async function measureGraph(): Promise<Measurement[]> {
  const tasks = defineRegistry({ noop: defineTask({ name: 'noop', input: z.any(), output: z.any() }) })
  const runner = createRunner({ registry: tasks, handlers: { noop: async () => 1 } })
  const comparisons: Measurement[] = []
  for (const count of [100, 1_000, 10_000]) {
    const dependencies = randomGraph(count)
    const tracks = dependencies.map((_, node): TrackDefinition => ({ name: `T${node}`, tasks: [{ taskName: 'noop' }] }))
    const orchestrator: OrchestratorDefinition = {
      name: 'Graph',
      tracks,
      trackDependencies: Object.fromEntries(dependencies.map((before, node) => [`T${node}`, before.map((dependency) => `T${dependency}`)])),
    }
    const noop = async () => 1
    const step = async () => await noop()
    comparisons.push(
      await compare({
        name: `graph of ${count} tracks`,
        limit: 3,
        units: count,
        bare: bareScheduler(dependencies, async () => await step()),
        ours: () => runner.runOrchestrator(orchestrator, { tenantId: 't', projectId: 'p' }),
      }),
    )
  }
  return comparisons
}
