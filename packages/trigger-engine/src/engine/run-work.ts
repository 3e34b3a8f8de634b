import type { ClaimCheck } from '../crossing/claim-check.ts'
import type { HaltWatch } from './halt.ts'
import type { Prepared } from './make-item.ts'
import type { OneWait } from './one-wait.ts'
import type { OwnRun } from './read-result.ts'
import type { RunLogs } from './run-logs.ts'
import { runItems } from './run-items.ts'
import { makeLanes, runLanes, type LaneFanOut } from './run-lanes.ts'
import { AnswerLost, batchLimit, type Result } from './start-items.ts'

/** What a run starts and waits for. */
interface Work {
  /** For whom waits for something else at the same time. */
  readonly what: string
  readonly count: number
  readonly make: () => Promise<Prepared[]>
  /** Started together; when all have ended, so many more. */
  readonly concurrency: number
  /** It goes on already, and how it ends says whether this run is to stop: no look is needed before. */
  readonly isJoin?: true
  /** By which as one ends the next begins, where they can be had. */
  readonly lanes?: LaneFanOut | undefined
}

/** What becomes of it. */
interface Settling<Outcome> {
  readonly starting: (numbers: readonly number[]) => void
  readonly settle: (index: number, result: Result) => Promise<Outcome>
  /** Whether the outcome means that nothing more is started. */
  readonly stops: (outcome: Outcome) => boolean
}

interface Waiting {
  readonly run: OwnRun
  readonly claims: ClaimCheck
  readonly oneWait: OneWait
  readonly halt?: HaltWatch | undefined
  readonly logs: Pick<RunLogs, 'beforeWait'>
  readonly onLost: () => void
}

/** How often a run looks whether it is to stop, between its steps. */
const lookEveryMs = 1_000

/** Starts what `make` prepares, so many at once, and settles each. What is not started any more, since one before stops all, has no outcome. */
export async function runWork<Outcome>({ what, count, make, concurrency, isJoin, lanes }: Work, { run, claims, oneWait, logs, halt, onLost }: Waiting, { starting, settle, stops }: Settling<Outcome>): Promise<(Outcome | undefined)[]> {
  const prepared = async () => {
    // What is started looks at the tokens as well, so a look now and then will do.
    const [made] = await Promise.all([make(), logs.beforeWait(), isJoin ? undefined : halt?.lookIfDue(lookEveryMs)])
    if (halt?.signal.aborted) throw halt.signal.reason
    return made
  }
  const runAll = async (made: readonly Prepared[]) => {
    const outcomes: (Outcome | undefined)[] = Array.from({ length: made.length })
    /** Whether one of them stops the others. */
    const settleAll = async (numbers: readonly number[], results: readonly Result[]) => {
      const ended = await Promise.all(numbers.map((number, place) => settle(number, results[place]!)))
      for (const [place, number] of numbers.entries()) outcomes[number] = ended[place]
      return ended.some(stops)
    }
    let left = made.map((_, number) => number)
    const items = made.flatMap((one) => ('item' in one ? [one.item] : []))
    const its = lanes && items.length === made.length ? await makeLanes(items, lanes, { run, claims }) : undefined
    if (its) {
      starting(left)
      const results = await runLanes(its, items, run)
      if (run.signal.aborted) throw run.signal.reason
      const ended = left.filter((number) => results[number])
      if (await settleAll(ended, ended.map((number) => results[number]!))) return outcomes
      left = left.filter((number) => !results[number])
    }
    const size = Math.min(batchLimit, concurrency)
    for (let first = 0; first < left.length; first += size) {
      if ((first > 0 || its) && (await halt?.look())) throw halt!.signal.reason
      const chunk = left.slice(first, first + size)
      if (!its) starting(chunk)
      if (await settleAll(chunk, await runChunk(chunk.map((number) => made[number]!), run))) break
    }
    return outcomes
  }
  try {
    return await oneWait.hold(what, prepared, runAll)
  } catch (error) {
    if (error instanceof AnswerLost) onLost()
    // This run waits for something else already, or is to stop: nothing more was started.
    return Promise.all(Array.from({ length: count }, (_, index) => settle(index, { ok: false, id: '', error })))
  }
}

async function runChunk(chunk: readonly Prepared[], run: OwnRun): Promise<Result[]> {
  const results = await runItems(chunk.flatMap((prepared) => ('item' in prepared ? [prepared.item] : [])), run)
  let next = 0
  return chunk.map((prepared) => ('item' in prepared ? results[next++]! : { ok: false, id: '', error: prepared.error }))
}
