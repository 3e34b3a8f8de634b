import { appendFileSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { CancelledError, defineTask, ProviderError, RetryableError, TerminalError, type TaskContext, type TaskHandlers, type TaskPlacement } from '@track-orchestrator/registry'
import { z } from 'zod'

// Tasks of the engine suite for what lies at the edges: values that are hard to hand on, and ends that are hard to tell.

const once = { maxAttempts: 1 }
const journal = z.string().optional()
const changesInput = defineTask({ name: 'suite_changes_input', input: z.object({ list: z.any() }), output: z.object({ list: z.array(z.number()) }), retry: { maxAttempts: 2, minDelayMs: 1, maxDelayMs: 1 } })
const nap = defineTask({ name: 'suite_nap', input: z.object({ ms: z.number() }), output: z.object({ ms: z.number() }), retry: once })

/** Ends once the journal says that another of its kind has begun. */
const meets = <const Name extends string>(name: Name, placement?: TaskPlacement) =>
  defineTask({ name, input: z.object({ name: z.string(), waitsFor: z.string().optional(), journal: z.string() }), output: z.object({ name: z.string() }), retry: once, ...(placement && { placement }) })
/** Ends in the way it is told. */
const ends = <const Name extends string>(name: Name, placement?: TaskPlacement) =>
  defineTask({
    name,
    input: z.object({ how: z.enum(['well', 'cancelled', 'busy', 'busy for long', 'provider', 'same error', 'when stopped', 'terminal', 'at the second time']), journal }),
    output: z.object({ how: z.string() }),
    retry: { maxAttempts: 2, minDelayMs: 1, maxDelayMs: 1 },
    ...(placement && { placement }),
  })
/** Where engines have queues: more may go on in it than a step says. */
const wide = { queue: { concurrencyLimit: 50 } }

export const edgeTasks = {
  /** Answers `value`, whatever it is. */
  suite_any: defineTask({ name: 'suite_any', input: z.object({ value: z.any(), journal }), output: z.any(), retry: once }),
  /** What its handler answers is not what the next step sees. */
  suite_pipe: defineTask({
    name: 'suite_pipe',
    input: z.object({}),
    output: z.object({ n: z.string().pipe(z.coerce.number()), text: z.string().overwrite((text) => `${text}!`), size: z.codec(z.string(), z.number(), { decode: Number, encode: String }) }),
    retry: once,
  }),
  suite_optional: defineTask({ name: 'suite_optional', input: z.object({}), output: z.object({ n: z.number() }).optional(), retry: once }),
  /** Changes its input, and fails the first time. */
  suite_changes_input: changesInput,
  /** Changes what it has given to such a task. */
  suite_gives: defineTask({ name: 'suite_gives', input: z.object({}), output: changesInput.output, retry: once }),
  /** Goes on regardless of its signal, and answers when its time is long over. */
  suite_stubborn: defineTask({ name: 'suite_stubborn', input: z.object({}), output: z.object({ done: z.boolean() }), timeoutMs: 50, retry: once }),
  /** Waits for another task for longer than its own work may take. */
  suite_waits: defineTask({ name: 'suite_waits', input: z.object({ ms: z.number() }), output: z.object({ ms: z.number() }), timeoutMs: 1_000, retry: once }),
  suite_nap: nap,
  suite_meets: meets('suite_meets'),
  suite_queued_meets: meets('suite_queued_meets', wide),
  /** Its queue lets no more go on than the step does. */
  suite_limited_meets: meets('suite_limited_meets', { queue: { concurrencyLimit: 2 } }),
  suite_ends: ends('suite_ends'),
  suite_queued_ends: ends('suite_queued_ends', wide),
  /** Hands a copy of its context on to the function that does its work. */
  suite_wrapped: defineTask({ name: 'suite_wrapped', input: z.object({ n: z.number() }), output: z.object({ whose: z.string(), attempt: z.number(), ms: z.number() }), retry: once }),
}

const sameError = new TerminalError('one and the same')
const note = (file: string | undefined, line: string) => {
  if (file !== undefined) appendFileSync(file, `${line}\n`)
}

const linesOf = (file: string | undefined) => (file === undefined ? 0 : readFileSync(file, 'utf8').split('\n').filter((line) => line.startsWith('at the second time')).length)

async function wrapped({ n }: { n: number }, { tenantId, attempt, log, progress, runTasks }: TaskContext) {
  log.info('in a wrapper')
  progress(0.5)
  const [{ ms }] = (await runTasks([{ task: nap, input: { ms: n } }])) as [{ ms: number }]
  return { whose: tenantId, attempt, ms }
}

interface Meeting {
  readonly name: string
  readonly waitsFor?: string | undefined
  readonly journal: string
}

async function meet({ name, waitsFor, journal: file }: Meeting, { signal }: TaskContext) {
  note(file, `begin ${name}`)
  for (let tries = 0; waitsFor !== undefined && !readFileSync(file, 'utf8').includes(`begin ${waitsFor}\n`); tries++) {
    if (tries > 12_000) throw new TerminalError(`${name} waited for ${waitsFor} in vain`)
    await delay(20, undefined, { signal })
  }
  note(file, `end ${name}`)
  return { name }
}

async function end({ how, journal: file }: { readonly how: string; readonly journal?: string | undefined }, { attempt, signal }: TaskContext) {
  note(file, `${how} ${attempt}`)
  if (how === 'cancelled') throw new CancelledError('somebody else stopped it')
  if (how === 'busy') throw new RetryableError('come back in a minute', { retryAfterMs: 60_000 })
  if (how === 'busy for long') throw new RetryableError('come back in an hour', { retryAfterMs: 3_600_000 })
  if (how === 'provider') throw new ProviderError('the service is away', { provider: 'Suite', status: 503 })
  if (how === 'at the second time' && linesOf(file) < 2) throw new RetryableError('not yet')
  if (how === 'same error') throw sameError
  if (how === 'terminal') throw new TerminalError('no')
  if (how === 'when stopped') await delay(240_000, undefined, { signal }).catch(() => {})
  return { how }
}

export const edgeHandlers: TaskHandlers<typeof edgeTasks> = {
  suite_any: ({ value, journal: file }) => {
    note(file, 'any')
    if (value === 'undefined in a list') return { list: [undefined] }
    return value as unknown
  },
  suite_pipe: () => ({ n: '5', text: 'x', size: '7' }),
  suite_optional: () => undefined,
  suite_changes_input: ({ list }, { attempt }) => {
    ;(list as number[]).unshift(9)
    if (attempt === 1) throw new Error('the first time')
    return { list: list as number[] }
  },
  suite_gives: async (_input, { runTasks }) => {
    const list = [1, 2, 3]
    const answers = runTasks([{ task: changesInput, input: { list } }])
    list.push(4)
    return (await answers)[0]!
  },
  suite_stubborn: async () => {
    await delay(400)
    return { done: true }
  },
  suite_waits: async (input, { runTasks }) => (await runTasks([{ task: nap, input }]))[0]!,
  suite_nap: async ({ ms }) => {
    await delay(ms)
    return { ms }
  },
  suite_meets: meet,
  suite_queued_meets: meet,
  suite_limited_meets: meet,
  suite_ends: end,
  suite_queued_ends: end,
  suite_wrapped: (input, context) => wrapped(input, { ...context }),
}
