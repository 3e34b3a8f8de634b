import { wait as pause } from '@track-orchestrator/registry/waiting'
import { logger, runs, idempotencyKeys, wait } from '@trigger.dev/sdk'
import { keyMark } from '../crossing/carried.ts'

/**
 * How the tracks of a plan tell each other to stop: a Trigger.dev token for each plan, completed once one of its tracks has failed, or has
 * won the race that they run. The first who completes it decides; what others say later is not heard.
 * Each track looks at the tokens it must heed before it goes on. (It is not cancelled from outside: a cancellation that meets a wait
 * which is just beginning leaves a run without an end, and who waits for it waits for ever.)
 */
export class HaltWatch {
  readonly tokens: readonly string[]
  readonly #controller = new AbortController()
  readonly #own: string | undefined
  #lookedAt = 0

  /** `tokens`: of the plans whose halt stops this run, the outermost first. `own`: the path of its track, whose own victory stops it not. */
  constructor(tokens: readonly string[], own?: string) {
    this.tokens = tokens
    this.#own = own
  }

  /** Aborted once a look has found that this run is to stop. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Looks, unless that was done a moment ago. */
  async lookIfDue(everyMs: number): Promise<void> {
    if (this.tokens.length > 0 && Date.now() - this.#lookedAt >= everyMs) await this.look()
  }

  /** Looks whether this run is to stop, and aborts its signal if so. A token that cannot be read says nothing. */
  async look(more: readonly string[] = []): Promise<boolean> {
    if (this.signal.aborted) return true
    this.#lookedAt = Date.now()
    const tokens = await Promise.all([...new Set([...this.tokens, ...more])].map((id) => saidBy(id)))
    const reason = tokens.map((said) => (said === undefined || (said.wonBy !== undefined && said.wonBy === this.#own) ? undefined : reasonOf(said))).find((words) => words !== undefined)
    if (reason !== undefined) this.#controller.abort(new Error(reason))
    return this.signal.aborted
  }
}

/** What a completed token says: the name of the track that failed, or the path of the one that won. */
interface Said {
  readonly failed?: string
  readonly wonBy?: string
}

/** Nothing where the token is open, or cannot be read. */
async function saidBy(token: string): Promise<Said | undefined> {
  const read = await wait.retrieveToken(token).catch(() => undefined)
  return read?.status === 'COMPLETED' ? ((read.output as Said | undefined) ?? undefined) : undefined
}

function reasonOf({ failed, wonBy }: Said): string | undefined {
  if (typeof failed === 'string') return `${failed} failed`
  return typeof wonBy === 'string' ? `${wonBy.slice(wonBy.lastIndexOf('/') + 1)} won` : undefined
}

/** For how long a plan may go on: afterwards its tracks would not hear of a halt any more. */
const tokenLifetime = '30d'

/** The token of a plan; the same one on every attempt. Nothing where Trigger.dev gives none: then a halt reaches only what runs. */
export async function openHalt(planKey: string): Promise<string | undefined> {
  try {
    const idempotencyKey = await idempotencyKeys.create(`${keyMark}${planKey}/halt`, { scope: 'global' })
    return (await wait.createToken({ idempotencyKey, timeout: tokenLifetime, tags: ['track-orchestrator'] })).id
  } catch (error) {
    logger.warn('The tracks cannot be told to halt between their steps', { reason: String(error) })
    return undefined
  }
}

/** Closes the token of a plan whose tracks have all ended, so that it does not stand among those that people wait for. */
export async function closeHalt(token: string): Promise<void> {
  await wait.completeToken(token, { ended: true }).catch(() => {})
}

/** Claims the victory in a race for the track of that path. Answers whether it won: of several, the first that claims it did. */
export async function claimVictory(token: string, ownPath: string): Promise<boolean> {
  await wait.completeToken(token, { wonBy: ownPath })
  const won = (await saidBy(token))?.wonBy === ownPath
  if (won) await endWaits(token)
  return won
}

type IsWalker = (task: string) => boolean

export interface Halt {
  readonly token: string | undefined
  /** The run that waits for the tracks. Absent where those that have begun go on to their end. */
  readonly ownerRun?: string
  /** The track that has failed. */
  readonly failed: string
  /** Whether runs of that task walk, and so stop by themselves. */
  readonly isWalker: IsWalker
}

/**
 * Tells the tracks of a plan to stop, then cancels the runs of tasks that go on by now. Whatever is made or begins later, track
 * or task, looks at the token first.
 */
export async function halt({ token, ownerRun, failed, isWalker }: Halt): Promise<void> {
  if (token !== undefined) {
    await wait.completeToken(token, { failed })
    if (ownerRun !== undefined) await endWaits(token)
  }
  if (ownerRun !== undefined) await cancelBelow(ownerRun, isWalker)
}

/** Cancels the runs of tasks that go on below a run. What cannot be cancelled has ended, or ends by itself. */
export async function cancelBelow(runId: string, isWalker: IsWalker): Promise<void> {
  for (;;) {
    const { relatedRuns } = await runs.retrieve(runId)
    const children = (relatedRuns?.children ?? []).filter(({ isCompleted }) => !isCompleted)
    const tasks = children.filter(({ taskIdentifier }) => !isWalker(taskIdentifier))
    const walkers = children.filter(({ taskIdentifier }) => isWalker(taskIdentifier))
    const { safe, young } = sortOut(tasks, Date.now())
    await Promise.allSettled([...safe.map(({ id }) => runs.cancel(id)), ...walkers.map(({ id }) => cancelBelow(id, isWalker))])
    if (young.length === 0) return
    await pause(lookAgainMs)
  }
}

/** How long after its dequeue a run may not have begun: a process may have to be made for it. */
const beginsWithinMs = 5_000
/** How many runs of a task a worker may take from their queue while we look. */
const nextInLine = 10
const lookAgainMs = 500

interface Child {
  readonly isQueued: boolean
  readonly taskIdentifier: string
  readonly createdAt: Date
  readonly startedAt?: Date | undefined
}

/**
 * A run that is cancelled between its dequeue and its begin ends only when the server's watchdog finds it, 60 seconds later: nobody
 * works on it, so nobody reports its end. `safe`: surely goes on, or surely stands in its queue. `young`: may be about to begin; then it
 * ends by itself, for it looks at the token first. What stands at the head of a queue does so, too, and is neither.
 */
export function sortOut<Run extends Child>(children: readonly Run[], now: number): { readonly safe: Run[]; readonly young: Run[] } {
  const before = ({ taskIdentifier, createdAt }: Run) => children.filter((other) => other.isQueued && other.taskIdentifier === taskIdentifier && other.createdAt < createdAt).length
  const isYoung = ({ startedAt }: Run) => !startedAt || now - startedAt.getTime() < beginsWithinMs
  return {
    safe: children.filter((child) => (child.isQueued ? before(child) >= nextInLine : !isYoung(child))),
    young: children.filter((child) => !child.isQueued && isYoung(child)),
  }
}

/** The tag of a wait that ends when the halt of that token comes. */
export const heeding = (haltToken: string): string => `halt:${haltToken}`

/** Ends the waits that heed the token of a halt, or of a race that is won. */
async function endWaits(haltToken: string): Promise<void> {
  try {
    for await (const { id } of wait.listTokens({ tags: heeding(haltToken), status: 'WAITING', limit: 100 })) await wait.completeToken(id, { halted: true })
  } catch (error) {
    logger.warn('The tracks that wait could not all be told to stop: they stop when their time is over', { reason: String(error) })
  }
}
