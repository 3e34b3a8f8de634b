import { TracksError, type TaskHandler } from '@track-orchestrator/registry'

/**
 * Looks handlers up by the names of their tasks, in a plain object or in an instance of a class, whose methods keep their `this`.
 * What every object has (`toString`, `constructor`) is no handler.
 */
export function handlersByName(handlers: object): (taskName: string) => TaskHandler | undefined {
  const found = new Map<string, TaskHandler>()
  return (taskName) => {
    const known = found.get(taskName)
    if (known) return known
    const handler: unknown = holds(handlers, taskName) ? (handlers as Record<string, unknown>)[taskName] : undefined
    if (typeof handler !== 'function') return undefined
    const bound = handler.bind(handlers) as TaskHandler
    found.set(taskName, bound)
    return bound
  }
}

/** Whether it, or a class that it is of, defines the name. */
function holds(handlers: object, name: string): boolean {
  if (Object.hasOwn(handlers, name)) return true
  for (let level: unknown = Object.getPrototypeOf(handlers); level && level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    if (name !== 'constructor' && Object.hasOwn(level, name)) return true
  }
  return false
}

export function handlerMissing(taskName: string): TracksError {
  return new TracksError(`There is no handler for ${taskName}: add one to the handlers.`, { code: 'handler_missing', retryable: false })
}
