/** Codes of this project's own errors. A task package names its own as `area/what`, as in `media/no_audio`. */
export type ErrorCode =
  | 'contract_violated' // data that does not fit a schema
  | 'definition_invalid' // a registry, track or orchestrator that cannot be run as it is written
  | 'provider_failed' // a service outside of us failed
  | 'terminal' // trying again cannot help
  | 'task_failed' // a handler threw something of its own
  | 'mapper_failed' // an inputMapper, when, forEach or mergeStrategy threw
  | 'timed_out'
  | 'cancelled'
  | 'handler_missing'
  | 'engine_unsupported' // the engine cannot do what was asked of it
  | 'payload_too_large'
  | `${string}/${string}`

/** Where in a run an error happened. Filled in once, by the runner. */
export interface ErrorPlace {
  readonly track?: string
  readonly step?: string
  readonly taskName?: string
  /** From 1. */
  readonly attempt?: number
  /** Which item of a `forEach`, from 0. */
  readonly item?: number
}

const mark = Symbol.for('@track-orchestrator/error')

/** Whether instances of the class are told from their subclasses by a mark of its own. */
export const isMarked = (prototype: object): boolean => Object.hasOwn(prototype, mark)

/** Gives one of our error classes its name, and the mark by which another copy of this package knows it. Subclasses of a stranger inherit both. */
export function nameErrorClass(errorClass: { readonly prototype: object }, name: string): void {
  Object.defineProperties(errorClass.prototype, {
    name: { value: name, configurable: true, writable: true },
    [mark]: { value: name },
  })
}

/** The name of the class of ours that the error is of, or comes down from. */
export function kindOfError(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  try {
    const kind: unknown = mark in error ? (error as Record<symbol, unknown>)[mark] : undefined
    return kind === undefined || typeof kind === 'string' ? kind : 'TracksError'
  } catch {
    return undefined // a proxy that lets nobody look
  }
}
