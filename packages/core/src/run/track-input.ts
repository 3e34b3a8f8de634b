import { copyJson, withoutBaseFields } from '@track-orchestrator/registry'
import type { TrackOutcome } from '../engine/engine.ts'
import { callMapper } from './call-mapper.ts'
import { deepFreeze } from './deep-freeze.ts'
import { recordOf } from './track-outcome.ts'
import type { CompiledOrchestrator } from './compile-orchestrator.ts'

/**
 * The input of an orchestrator's track number `index`: what its mapping makes; else the orchestrator's input, the output of
 * the one track it waits for, or, where it waits for several, their outputs by name. Throws `mapper_failed`.
 */
export function trackInputOf(orchestrator: CompiledOrchestrator, index: number, outcomes: readonly TrackOutcome[], input: unknown, originalInput: unknown): unknown {
  const { definition, graph } = orchestrator
  const name = graph.names[index]!
  const dependencies = graph.dependencies[index]!
  const mapping = ownOf(definition.trackInputMappings, name)
  if (!mapping && dependencies.length === 0) return input
  if (!mapping && dependencies.length === 1) return outputOf(outcomes, dependencies[0]!)
  const names = dependencies.map((dependency) => graph.names[dependency]!)
  const outputs = recordOf(names, dependencies.map((dependency) => outputOf(outcomes, dependency)))
  if (!mapping) return outputs
  const asked = { what: 'trackInputMapping', owner: name, place: { track: name } }
  return copyJson(name, 'input', withoutBaseFields(callMapper(asked, () => mapping(deepFreeze(outputs), originalInput))))
}

function outputOf(outcomes: readonly TrackOutcome[], index: number): unknown {
  const outcome = outcomes[index]
  return outcome?.status === 'succeeded' ? outcome.output : undefined
}

/** A value of the record's own: a track may be called `constructor`. */
export function ownOf<Value>(record: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined
}
