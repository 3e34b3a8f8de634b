import { logger, runs, idempotencyKeys, wait } from '@trigger.dev/sdk'
import { keyMark } from '../crossing/carried.ts'

/**
 * How the tracks of a plan tell each other to stop: a Trigger.dev token for each plan, completed once one of its tracks has failed.
 * Each track looks at the tokens it must heed before it goes on. (It is not cancelled from outside: a cancellation that meets a wait
 * which is just beginning leaves a run without an end, and who waits for it waits for ever.)
 */
export class HaltWatch {
  readonly tokens: readonly string[]
  readonly #controller = new AbortController()

  /** `tokens`: of the plans whose halt stops this run, the outermost first. */
  constructor(tokens: readonly string[]) {
    this.tokens = tokens
  }

  /** Aborted once a look has found that this run is to stop. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Looks whether this run is to stop, and aborts its signal if so. A token that cannot be read says nothing. */
  async look(more: readonly string[] = []): Promise<boolean> {
    if (this.signal.aborted) return true
    const tokens = await Promise.all([...this.tokens, ...more].map((id) => wait.retrieveToken(id).catch(() => undefined)))
    const failed = tokens.map((token) => (token?.status === 'COMPLETED' ? (token.output as { failed?: unknown } | undefined)?.failed : undefined)).find((name) => typeof name === 'string')
    if (failed !== undefined) this.#controller.abort(new Error(`${failed} failed`))
    return this.signal.aborted
  }
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

export interface Halt {
  readonly token: string | undefined
  /** The run that waits for the tracks. Absent where those that have begun go on to their end. */
  readonly ownerRun?: string
  /** The track that has failed. */
  readonly failed: string
  /** Whether runs of that task walk, and so stop by themselves. */
  readonly isWalker: (task: string) => boolean
}

/**
 * Tells the tracks of a plan to stop, then cancels the runs of tasks that go on by now. Whatever is made or begins later, track
 * or task, looks at the token first.
 * What cannot be cancelled has ended, or ends by itself.
 */
export async function halt({ token, ownerRun, failed, isWalker }: Halt): Promise<void> {
  if (token !== undefined) await wait.completeToken(token, { failed })
  if (ownerRun !== undefined) await cancelBelow(ownerRun, isWalker)
}

async function cancelBelow(runId: string, isWalker: (task: string) => boolean): Promise<void> {
  const { relatedRuns } = await runs.retrieve(runId)
  const children = (relatedRuns?.children ?? []).filter(({ isCompleted }) => !isCompleted)
  const walkers = children.filter(({ taskIdentifier }) => isWalker(taskIdentifier))
  const tasks = children.filter(({ taskIdentifier }) => !isWalker(taskIdentifier))
  await Promise.allSettled([...walkers.map(({ id }) => cancelBelow(id, isWalker)), ...tasks.filter(isSafeToCancel).map(({ id }) => runs.cancel(id))])
}

/** How many runs of a task a worker may take from their queue while we look. */
const nextInLine = 10

interface Child {
  readonly status: string
  readonly isQueued: boolean
  readonly taskIdentifier: string
  readonly createdAt: Date
}

/**
 * A run that is cancelled between its dequeue and its start ends only when the server's watchdog finds it, 60 seconds later: its
 * worker does not begin it any more, so nobody reports its end. Those that are about to begin are left to look at the token by themselves.
 */
export function isSafeToCancel(child: Child, _place: number, all: readonly Child[]): boolean {
  const { status, isQueued, taskIdentifier, createdAt } = child
  if (!isQueued) return status !== 'DEQUEUED'
  return all.filter((other) => other.isQueued && other.taskIdentifier === taskIdentifier && other.createdAt < createdAt).length >= nextInLine
}
