import { toTracksError } from './error-json.ts'
import type { ErrorPlace } from './error-facts.ts'
import type { TracksError } from './tracks-error.ts'

/**
 * Whatever was thrown, as a `TracksError` that knows its place. What is known of its place already is kept: the innermost is right.
 * A `TracksError` comes back as a copy, for a handler may throw one and the same instance in many runs at once: class, stack and own
 * fields are kept, and it is a native error; private `#fields` of a subclass are not there any more.
 */
export function errorAt(thrown: unknown, place: ErrorPlace): TracksError {
  const error = toTracksError(thrown)
  return changed(error, { place: { ...place, ...error.place } })
}

/** A copy of the error with other values in place of its own. */
function changed(error: TracksError, values: Partial<TracksError>): TracksError {
  const copy = new Error(error.message)
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error) as object)
  const own: PropertyDescriptorMap = {
    ...Object.getOwnPropertyDescriptors(error),
    // By its value: some versions of V8 keep the stack in an accessor that answers for its own object only.
    stack: { value: error.stack, writable: true },
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, writable: true, enumerable: true }])),
  }
  for (const [name, descriptor] of Object.entries(own)) Object.defineProperty(copy, name, { ...descriptor, configurable: true }) // the error may be frozen
  return copy as TracksError
}
