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

type RunNode = (node: number, outputs: readonly unknown[]) => Promise<unknown>

/** The least a scheduler can do: a counter a node, and what each node runs. */
function bareScheduler(dependencies: readonly number[][], run: RunNode): () => Promise<unknown[]> {
  const dependants: number[][] = dependencies.map(() => [])
  dependencies.forEach((before, node) => before.forEach((dependency) => dependants[dependency]!.push(node)))
  return () =>
    new Promise((resolve) => {
      const waiting = Uint32Array.from(dependencies, ({ length }) => length)
      const outputs: unknown[] = []
      let left = dependencies.length
      const start = (node: number): void => {
        void run(node, outputs).then((output) => {
          outputs[node] = output
          for (const dependant of dependants[node]!) if (--waiting[dependant]! === 0) start(dependant)
          if (--left === 0) resolve(outputs)
        })
      }
      for (let node = 0; node < dependencies.length; node++) if (waiting[node] === 0) start(node)
    })
}

/** The same orchestrator by hand, on the bare scheduler: each track gets its dependencies' outputs by name, and tells how it ended. */
function byHand(dependencies: readonly number[][], step: (input: unknown) => Promise<unknown>): () => Promise<unknown> {
  const names = dependencies.map((_, node) => `T${node}`)
  const byName = (nodes: readonly number[], outputs: readonly unknown[]) => {
    const record: Record<string, unknown> = {}
    for (const node of nodes) record[names[node]!] = (outputs[node] as { output: unknown }).output
    return record
  }
  const all = names.map((_, node) => node)
  const schedule = bareScheduler(dependencies, async (node, outputs) => {
    const before = dependencies[node]!
    const input = before.length === 0 ? payload : before.length === 1 ? (outputs[before[0]!] as { output: unknown }).output : byName(before, outputs)
    const startedAt = Date.now()
    const output = await step(input)
    return { status: 'succeeded', output, durationMs: Date.now() - startedAt }
  })
  return async () => byName(all, await schedule())
}

const payload = { tenantId: 't', projectId: 'p' }

/**
 * Orchestrators of 100, 1,000 and 10,000 tracks of one no-op step, against the counter scheduler twice: doing the same by hand,
 * and, in the last column, running bare no-ops that get and give nothing.
 */
export async function measureGraph(): Promise<Measurement[]> {
  const tasks = defineRegistry({ noop: defineTask({ name: 'noop', input: z.any(), output: z.any() }) })
  const runner = createRunner({ registry: tasks, handlers: { noop: async () => 1 } })
  const measurements: Measurement[] = []
  const costNs: number[] = []
  for (const count of [100, 1_000, 10_000]) {
    const dependencies = randomGraph(count)
    const tracks = dependencies.map((_, node): TrackDefinition => ({ name: `T${node}`, tasks: [{ taskName: 'noop' }] }))
    const orchestrator: OrchestratorDefinition = {
      name: 'Graph',
      tracks,
      trackDependencies: Object.fromEntries(dependencies.map((before, node) => [`T${node}`, before.map((dependency) => `T${dependency}`)])),
    }
    const ours = () => runner.runOrchestrator(orchestrator, payload)
    const noop = async () => 1
    const compared = await compare({ name: `graph of ${count} tracks`, limit: 3, units: count, bare: byHand(dependencies, noop), ours })
    costNs.push(compared.oursNs)
    const noops = await compare({ name: '', limit: 0, units: count, bare: bareScheduler(dependencies, async () => noop()), ours })
    // Among a hundred, what a run costs once weighs as much as its tracks: that count is there for the growth alone.
    if (count > 100) measurements.push({ ...compared, detail: `${compared.detail}; against bare no-ops (${noops.bareNs.toFixed(0)} ns) ${noops.ratio.toFixed(1)}` })
  }
  const [small, , large] = costNs as [number, number, number]
  measurements.push({ name: 'cost of a track among 10,000 over one among 100', ratio: large / small, limit: 4, detail: 'grows with tracks and dependencies only' })
  return measurements
}
