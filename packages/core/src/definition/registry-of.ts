import type { Registry } from '@track-orchestrator/registry'

const registries = new WeakMap<object, Registry>()

/** Remembers which registry a definition was made for. It is no part of the definition, which stays plain data. */
export function rememberRegistry<Definition extends object>(definition: Definition, registry: Registry): Definition {
  registries.set(definition, registry)
  return definition
}

/** The registry that a definition was made for; `undefined` where `forRegistry` did not make it. */
export const registryOf = (definition: object): Registry | undefined => registries.get(definition)
