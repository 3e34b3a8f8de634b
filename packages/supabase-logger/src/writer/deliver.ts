import type { EventRow } from '../event-row.ts'
import { isRace, isUnexplained, verdictOf, type Send, type SendResult, type Verdict } from './answer.ts'

/** What became of the rows of a batch, by their place in it. */
export interface Delivered {
  readonly stored: readonly number[]
  /** Rows that the database refuses, also alone. */
  readonly refused: readonly Refused[]
  /** Rows that have to wait, while others need not, each with why. */
  readonly waiting: readonly Refused[]
  /** Why nothing more was sent. */
  readonly stop?: SendResult
}

export interface Refused {
  readonly index: number
  readonly result: SendResult
}

/** So many groups of rows refused in a row, and none taken in between, for a reason that is not known to lie in them: then it lies elsewhere. */
const enoughRefused = 8

/** What is known of rows before they are sent. */
export interface Before {
  /** Others have been taken since they were refused. */
  readonly othersAreTaken?: boolean
  /** They have waited several times: a race that is lost each time is none, and what is never answered is looked for row by row. */
  readonly haveWaited?: boolean
  /** The service has left several requests without an answer of its own: it is asked whether it is well, by sending no rows at all. */
  readonly isInDoubt?: boolean
  /** Rows without an answer, kept from one time to the next. */
  readonly unanswered?: Unanswered
  /** When the database last took a row, whoever sent it: by `performance.now()`. */
  readonly takenAt?: number
}

/** Rows that got no answer of the service while that was well, by id. `times`: how often alone; `since`: when first, by `performance.now()`. */
export type Unanswered = Map<string, { readonly times: number; readonly since: number }>

/** So often a row has to go without an answer, alone, while the service is well, to count as refused. */
const enoughUnanswered = 3

/**
 * Sends rows in one batch. Where that is refused, in halves and halves of halves, so that the others get through: runs stay whole where it is
 * runs that have to wait. A row that is refused for an unclear reason counts as refused only where others were taken:
 * in this batch, or since it was refused before. Until then it waits, with what else is there of its run.
 * So does a run that gets no answer of the service where that is well: a request that something holds up or cuts off for what it says is no outage.
 */
export async function deliver(rows: readonly EventRow[], send: Send, before: Before = {}): Promise<Delivered> {
  const { othersAreTaken = false, haveWaited = false, isInDoubt: mayBeWell = false, unanswered = new Map() as Unanswered, takenAt = -Infinity } = before
  const stored: number[] = []
  const refused: (Refused & { readonly verdict: Verdict })[] = []
  const waiting: Refused[] = []
  const silent: Refused[] = []
  let refusals = 0
  let isWell: boolean | undefined

  const verdictFor = async (result: SendResult, part: readonly EventRow[]): Promise<Verdict> => {
    const verdict = ownVerdict(result, part)
    if (haveWaited && isRace(result)) return 'unclear'
    // A time-out may be over by the next try; where a gateway says no, that is looked into at once.
    if (!isUnexplained(result) || verdict === 'row' || verdict === 'unclear' || (verdict === 'again' && !mayBeWell)) return verdict
    isWell ??= verdictOf(await send([])) === 'accepted'
    if (!isWell) return verdict
    return haveWaited ? 'unclear' : 'busy'
  }

  const offer = async (indexes: readonly number[]): Promise<SendResult | undefined> => {
    const part = indexes.map((index) => rows[index]!)
    const result = await send(part)
    const verdict = await verdictFor(result, part)
    if (verdict === 'accepted') {
      stored.push(...indexes)
      for (const { id } of part) unanswered.delete(id)
      refusals = 0
      return undefined
    }
    if (verdict !== 'row' && verdict !== 'unclear' && verdict !== 'busy') return result
    const [one, other] = verdict === 'busy' ? halvesByRun(indexes, rows) : halves(indexes)
    if (other.length > 0) return (await offer(one)) ?? offer(other)
    const isSilent = verdict === 'unclear' && isWell === true && isUnexplained(result)
    if (isSilent) silent.push({ index: indexes[0]!, result })
    else if (verdict === 'busy') {
      waiting.push(...indexes.map((index) => ({ index, result })))
      if (isUnexplained(result)) for (const { id } of part) unanswered.set(id, unanswered.get(id) ?? { times: 0, since: performance.now() })
    } else refused.push({ index: indexes[0]!, result, verdict })
    const isInDoubt = verdict === 'busy' || isSilent || (verdict === 'unclear' && !othersAreTaken)
    return isInDoubt && ++refusals >= enoughRefused ? result : undefined
  }

  /** Whether a row has been left without an answer often enough, alone, while others were taken and the service was well. */
  const isGivenUp = async (index: number): Promise<boolean> => {
    const { id } = rows[index]!
    const { times, since } = unanswered.get(id) ?? { times: 0, since: performance.now() }
    const isOver = times + 1 >= enoughUnanswered && (stored.length > 0 || takenAt > since) && verdictOf(await send([])) === 'accepted'
    if (isOver) unanswered.delete(id)
    else unanswered.set(id, { times: times + 1, since })
    return isOver
  }

  const stop = rows.length === 0 ? undefined : await offer([...rows.keys()])
  for (const row of silent) {
    if (await isGivenUp(row.index)) refused.push({ ...row, verdict: 'row' })
    else waiting.push(row)
  }
  const isProven = stored.length > 0 || othersAreTaken
  const doubtful = isProven ? [] : refused.filter(({ verdict }) => verdict === 'unclear')
  const whole = withTheirRuns(doubtful, rows, new Set([...refused, ...waiting].map(({ index }) => index)))
  return { stored, refused: refused.filter((row) => !doubtful.includes(row)), waiting: [...waiting, ...whole], ...(stop && { stop }) }
}

/** A column that this package does not know, in a row that another version wrote, may be one that the database does not know either: that is the row's own. */
function ownVerdict(result: SendResult, rows: readonly EventRow[]): Verdict {
  const verdict = verdictOf(result)
  const isStrange = verdict === 'migration' && (result.code === 'PGRST204' || result.code === '42703') && rows.some(hasUnknownColumns)
  return isStrange ? 'row' : verdict
}

const columns: ReadonlySet<string> = new Set<keyof EventRow>([
  ...(['id', 'tenant_id', 'project_id', 'user_id', 'run_id', 'run_name', 'sequence', 'at', 'type', 'level', 'track', 'path', 'step', 'task_name'] as const),
  ...(['nested', 'attempt', 'duration_ms', 'input_size_bytes', 'output_size_bytes', 'message', 'error', 'data', 'writer', 'written_at', 'sent_at'] as const),
])
const hasUnknownColumns = (row: EventRow): boolean => Object.keys(row).some((key) => !columns.has(key))

type Halves = readonly [one: readonly number[], other: readonly number[]]

function halves(indexes: readonly number[]): Halves {
  const middle = Math.ceil(indexes.length / 2)
  return [indexes.slice(0, middle), indexes.slice(middle)]
}

/** Half of the runs, and the other half. All in one where it is a single run. */
function halvesByRun(indexes: readonly number[], rows: readonly EventRow[]): Halves {
  const runs = [...new Set(indexes.map((index) => runOf(rows[index]!)))]
  const first = new Set(runs.slice(0, Math.ceil(runs.length / 2)))
  return [indexes.filter((index) => first.has(runOf(rows[index]!))), indexes.filter((index) => !first.has(runOf(rows[index]!)))]
}

function withTheirRuns(doubtful: readonly Refused[], rows: readonly EventRow[], tried: ReadonlySet<number>): Refused[] {
  const reasons = new Map(doubtful.map(({ index, result }) => [runOf(rows[index]!), result]))
  const others = rows.flatMap((row, index) => (reasons.has(runOf(row)) && !tried.has(index) ? { index, result: reasons.get(runOf(row))! } : []))
  return [...doubtful, ...others]
}

const runOf = ({ tenant_id, run_id }: EventRow): string => JSON.stringify([tenant_id, run_id])
