import { checkInline, checkSchema, createParser, DefinitionError, type Registry } from '@track-orchestrator/registry'
import { adviceOnName, checkOptions } from '@track-orchestrator/registry/options'
import { checkAcyclic } from './check-acyclic.ts'
import { checkName, checkTaskName, checkUnique } from './check-name.ts'
import { checkSchedule } from './check-schedule.ts'
import { checkTracks } from './check-track.ts'
import { orchestratorRules } from './definition-rules.ts'
import type { OrchestratorDefinition } from './definition.ts'

/**
 * Throws `DefinitionError` where an orchestrator, or a track of it, cannot be run as it is written: a doubled or unknown
 * name, a cycle (which it spells out), an unknown task. Cost grows with steps, tracks and dependencies; keep the answer.
 */
export function checkOrchestrator(registry: Registry, orchestrator: OrchestratorDefinition): void {
  if (typeof orchestrator !== 'object' || orchestrator === null) throw new DefinitionError(`An orchestrator must be an object, as { name: 'Dubbing', tracks: [] }, not ${orchestrator === null ? 'null' : typeof orchestrator}.`)
  checkName('An orchestrator', orchestrator.name)
  const where = `Orchestrator "${orchestrator.name}"`
  checkOptions<OrchestratorDefinition>(where, orchestrator, orchestratorRules)
  if (orchestrator.input !== undefined) checkSchema(orchestrator.name, 'input', orchestrator.input, ['in', 'out'])
  if (orchestrator.schedule) checkSchedule(where, orchestrator.name, orchestrator.schedule, orchestrator.input && createParser(orchestrator.input, orchestrator.name, 'input'))
  for (const { name } of orchestrator.tracks) checkName(`${where}: a track`, name)
  const names = orchestrator.tracks.map(({ name }) => name)
  checkUnique(`${where}: two tracks`, names)
  checkDependencies(where, names, orchestrator)
  const { finalTask } = orchestrator
  if (finalTask) {
    checkTaskName(registry, `${where}, final task`, finalTask.taskName)
    checkInline(`${where}, final task ${finalTask.taskName}`, { ...registry[finalTask.taskName]!.placement, ...finalTask.placement })
  }
  checkTracks(registry, orchestrator.tracks)
}

function checkDependencies(where: string, names: readonly string[], orchestrator: OrchestratorDefinition): void {
  const known = new Set(names)
  const checkKnown = (place: string, name: string) => {
    if (!known.has(name)) throw new DefinitionError(`${where}, ${place}: there is no track "${name}". ${adviceOnName(name, names)}`)
  }
  for (const name of Object.keys(orchestrator.trackInputMappings ?? {})) checkKnown('trackInputMappings', name)
  const dependencies = new Map(Object.entries(orchestrator.trackDependencies ?? {}))
  for (const [name, others = []] of dependencies) {
    checkKnown('trackDependencies', name)
    for (const other of others) {
      checkKnown(`trackDependencies of "${name}"`, other)
      if (other === name) throw new DefinitionError(`${where}: the track "${name}" depends on itself. Take it out of its own dependencies.`)
    }
  }
  checkAcyclic(
    names,
    (name) => dependencies.get(name) ?? [],
    (name) => name,
    (cycle) => `${where}: tracks wait for each other in a cycle: ${cycle}. Take one of these dependencies away.`,
  )
}
