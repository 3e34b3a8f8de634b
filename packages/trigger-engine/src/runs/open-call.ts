import { StepCall } from '@track-orchestrator/core/engine'
import { CancelledError, DefinitionError, parsersOf, type TaskContract } from '@track-orchestrator/registry'
import { wait } from '@trigger.dev/sdk'
import { carriedOf, type Carried } from '../crossing/carried.ts'
import { openPayload } from '../crossing/payload.ts'
import type { CallTicket } from '../crossing/ticket.ts'
import { HaltWatch } from '../engine/halt.ts'
import type { World } from '../world.ts'
import { openWalk, type OpenedWalk, type TriggerContext } from './open-run.ts'

/** The run of a task, before its input is read. */
export interface OpenedSite extends OpenedWalk {
  readonly contract: TaskContract
  readonly ticket: CallTicket
  readonly attempt: number
  readonly watch: HaltWatch
  /** What the payload holds beside its base fields. */
  readonly given: unknown
  readonly claim: Carried['input']
  /** Another run of ours waits for it. */
  readonly isPart: boolean
}

/** Reads what the run is told of its place. Throws where that is not as we wrote it. */
export function openSite(world: World, contract: TaskContract, payload: unknown, context: TriggerContext, signal: AbortSignal): OpenedSite {
  const carried = carriedOf(context.run)
  if (carried.forkOf) throw new DefinitionError(`${contract.name} is a single task: there is no step to fork from. Trigger it with another payload.`)
  const ticket = carried.call ?? { ...ticketOfPerson(contract, context), ...carried.packed }
  const { base, input } = openPayload(payload, ticket)
  const watch = new HaltWatch(ticket.halts ?? [])
  return { ...openWalk(world, ticket, base, context, signal, watch), contract, ticket, attempt: context.attempt?.number ?? 1, watch, given: input, claim: carried.input, isPart: carried.call !== undefined }
}

/** The call, ready to be made. Throws where its input cannot be had or does not fit, and where it is not to be made any more: it was told to stop, or its track has no time left. */
export async function openCall(world: World, site: OpenedSite): Promise<StepCall> {
  const { contract, ticket, attempt, watch, given, claim, walk } = site
  const begins = attempt === 1
  const where = `The input of step ${ticket.step} of ${ticket.track}`
  const [payload] = await Promise.all([world.claims.takeOut(claim ? { claim } : { value: given }, ticket.walkId, where), watch.look(begins && ticket.stop !== undefined ? [ticket.stop] : [])])
  const isOver = begins && walk.deadline?.look() === true
  if (watch.signal.aborted || isOver) throw notBegun(site, isOver ? 'the time of its track was over' : (watch.signal.reason as Error).message)
  const input: unknown = await parsersOf(contract).input(payload)
  return callAt(site, payload, input)
}

/** The call of that place. Without values, where nobody makes it any more. */
export function callAt({ contract, ticket, walk }: OpenedSite, payload?: unknown, input?: unknown): StepCall {
  return new StepCall({
    walk,
    site: { track: ticket.track, path: ticket.parentPath, kept: ticket.kept },
    options: { id: ticket.step, retry: ticket.retry, timeoutMs: ticket.timeoutMs ?? contract.timeoutMs, inline: false },
    segment: ticket.segment,
    contract,
    payload,
    input,
    signal: walk.signal,
    nested: ticket.nested,
  })
}

/** The attempt is not made. Where it would be the first, nothing was: that it names no attempt tells whoever waits so. */
export function notBegun({ contract, ticket: { track, step }, attempt }: Pick<OpenedSite, 'contract' | 'ticket' | 'attempt'>, why: string): CancelledError {
  const what = attempt === 1 ? 'was not started' : 'was not tried again'
  return new CancelledError(`${contract.name} ${what}: ${why}`, { place: { track, step, taskName: contract.name, ...(attempt > 1 && { attempt: attempt - 1 }) } })
}

/** Where the call was one of a fan-out that its failure stops. A token that cannot be completed stops nobody. */
export async function stopOthers({ step, stop }: CallTicket): Promise<void> {
  if (stop !== undefined) await wait.completeToken(stop, { failed: `an item of ${step}` }).catch(() => {})
}

/** A task that a person triggered by itself is a walk of its own. */
function ticketOfPerson({ name }: TaskContract, { run }: TriggerContext): CallTicket {
  return { runId: run.id, runName: name, walkId: run.id, kept: false, track: name, step: name, parentPath: name, segment: name, nested: false }
}
