import { DefinitionError } from './errors/definition-error.ts'
import { isObject, nameText, refuse } from './options/check-options.ts'
import type { TaskContract } from './task-contract.ts'

/** The catalogue of tasks: contracts by their names. */
export interface Registry {
  readonly [taskName: string]: TaskContract
}

/** What a caller may pass to the task: defaults may be left out. */
export type TaskInput<R extends Registry, N extends keyof R> = R[N]['~io']['in']
/** What the task hands on to the next step. */
export type TaskOutput<R extends Registry, N extends keyof R> = R[N]['~io']['out']

/** Checks that every contract stands under its own name, and returns the registry. Throws `DefinitionError`. */
export function defineRegistry<const R extends Registry>(tasks: R & { readonly [N in keyof R]: { readonly name: N } }): R {
  checkRegistry('defineRegistry', tasks)
  return tasks
}

/** One registry of two. Throws `DefinitionError` where both define a task of the same name differently. */
export function mergeRegistries<const A extends Registry, const B extends Registry>(a: A, b: B): A & B {
  checkRegistry('mergeRegistries', a)
  checkRegistry('mergeRegistries', b)
  const doubled = Object.keys(a).filter((name) => Object.hasOwn(b, name) && a[name] !== b[name])
  if (doubled.length > 0) {
    throw new DefinitionError(`Both registries define ${doubled.join(', ')}. Rename one of each pair, or leave it out of one registry.`)
  }
  return { ...a, ...b }
}

/** Throws `DefinitionError` where it is no registry: something that is no contract, or one under another's name. `owner` begins the message. */
export function checkRegistry(owner: string, tasks: unknown): asserts tasks is Registry {
  if (!isObject(tasks)) refuse(owner, 'given an object of contracts by their names', tasks)
  for (const [key, contract] of Object.entries(tasks)) {
    if (!isObject(contract) || typeof contract.name !== 'string' || !isObject(contract.input) || !isObject(contract.output)) {
      throw new DefinitionError(`${owner}: what stands under ${nameText(key)} is no contract. Make one with defineTask.`)
    }
    if (contract.name !== key) {
      throw new DefinitionError(`The registry lists ${contract.name} under the name ${key}. Use the task's own name as the key.`)
    }
  }
}
