import { DefinitionError, type TaskHandler } from '@track-orchestrator/registry'
import { anything, checkOptions, durationMs, listOf } from '@track-orchestrator/registry/options'
import type { TestClock } from './test-clock.ts'

/** What a task answers instead of its handler: a handler of the test's own, or an answer. The contract parses it as it does a real one. */
export type Fake<H extends TaskHandler<any>> = H | FakeAnswer<Awaited<ReturnType<H>>>

export interface FakeAnswer<Output> {
  readonly output: Output
  /** How long each attempt takes, in milliseconds of the test's clock. Default 0. */
  readonly takesMs?: number
  /** What the first attempts of a call throw, one each: `[new ProviderError(…)]` fails once and answers then. */
  readonly failsWith?: readonly unknown[]
}

const rules = { output: anything, takesMs: durationMs(), failsWith: listOf(anything) }

/** The handler that answers as the fake says. Throws `DefinitionError` for an answer that is none. */
export function handlerOfFake(name: string, fake: Fake<TaskHandler>, clock: TestClock): TaskHandler {
  if (typeof fake === 'function') return fake
  if (typeof fake !== 'object' || fake === null || !('output' in fake)) throw new DefinitionError(`testTrack: fakes.${name} is neither a handler nor { output }.`)
  const { output, takesMs = 0, failsWith = [] } = checkOptions<FakeAnswer<unknown>>(`testTrack: fakes.${name}`, fake, rules)
  return async (_input, { signal, attempt }) => {
    if (takesMs > 0 && !(await clock.rest(() => clock.wait(takesMs, signal)))) throw signal.reason
    if (attempt <= failsWith.length) throw failsWith[attempt - 1]
    return structuredClone(output)
  }
}
