import type { TrackOutcome } from '../engine/engine.ts'
import { callMapper } from './call-mapper.ts'
import type { CompiledOrchestrator } from './compile-orchestrator.ts'

/**
 * The input of an orchestrator's track number `index`: what its mapping makes; else the orchestrator's input, the output of
 * the one track it waits for, or, where it waits for several, their outputs by name. Throws `mapper_failed`.
 */
export function trackInputOf(orchestrator: CompiledOrchestrator, index: number, outcomes: readonly TrackOutcome[], input: unknown, originalInput: unknown): unknown {
  const { definition, graph } = orchestrator
  const name = graph.names[index]!
  const dependencies = graph.dependencies[index]!
  const mapping = definition.trackInputMappings?.[name]
  if (!mapping && dependencies.length === 0) return input
  if (!mapping && dependencies.length === 1) return outputOf(outcomes, dependencies[0]!)
  const outputs: Record<string, unknown> = {}
  for (const dependency of dependencies) outputs[graph.names[dependency]!] = outputOf(outcomes, dependency)
  return mapping ? callMapper('trackInputMapping', name, () => mapping(outputs, originalInput)) : outputs
}

function outputOf(outcomes: readonly TrackOutcome[], index: number): unknown {
  const outcome = outcomes[index]
  return outcome?.status === 'succeeded' ? outcome.output : undefined
}
