import { setImmediate as nextTurn } from 'node:timers/promises'
import { TerminalError } from '@track-orchestrator/registry'

/**
 * Lets one attempt of a Trigger.dev run wait for one thing at a time, whichever of its walks asks.
 * Trigger.dev kills a run that waits for two things at once, after it has started both.
 */
export class OneWait {
  #waitingFor: string | undefined
  #refused: TerminalError | undefined

  /**
   * Prepares, then waits. A second wait is refused; so is the first, if it has not started anything yet: code that asks for both
   * at once does so in one turn of the event loop, and then nothing runs that nobody waits for.
   */
  async hold<Prepared, Value>(what: string, prepare: () => Promise<Prepared>, wait: (prepared: Prepared) => Promise<Value>): Promise<Value> {
    if (this.#waitingFor !== undefined) throw (this.#refused = twoWaits(this.#waitingFor, what))
    this.#waitingFor = what
    try {
      const prepared = await prepare()
      await nextTurn()
      if (this.#refused) throw this.#refused
      return await wait(prepared)
    } finally {
      this.#waitingFor = undefined
      this.#refused = undefined
    }
  }
}

function twoWaits(first: string, second: string): TerminalError {
  return new TerminalError(
    `This run waits for ${first} and cannot wait for ${second} as well: on Trigger.dev a run waits for one thing at a time. ` +
      'Await them one after the other, pass all calls in one list (runTasks, forEach), or make them sub-tracks of a composite track.',
    { code: 'engine_unsupported' },
  )
}
