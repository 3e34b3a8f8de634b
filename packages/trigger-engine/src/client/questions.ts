import { randomUUID } from 'node:crypto'
import type { StepQuestion } from '@track-orchestrator/core'
import { TerminalError } from '@track-orchestrator/registry'
import { wait } from '@trigger.dev/sdk'
import { readCarried } from '../crossing/carried.ts'
import { askedAt, asksTag, givenBy, isHalted, questionKey, type GivenAnswer } from '../crossing/question.ts'
import { ask } from './ask.ts'
import { refusePart, type TriggerRun } from './run-state.ts'

/** A question that a run waits with. */
export interface RunQuestion {
  /** Where it is asked: give it, or its end, to `answer`. Of a path of more than 120 characters, the end. */
  readonly path: string
  readonly step: string
  readonly askedAt: Date
  readonly until?: Date
  /** What is shown to who answers, secrets blotted out. Absent where it is more than 8 KiB of JSON. */
  readonly input?: unknown
}

/** A question of a run, by what its definition asks for. */
export type QuestionOf<Asked> = unknown extends Asked ? RunQuestion : Asked extends StepQuestion<infer Step extends string, any> ? RunQuestion & { readonly step: Step; readonly path: `${string}/${Step}` } : never

interface Token {
  readonly id: string
  readonly status: string
  readonly path: string
  readonly createdAt: Date
  readonly timeoutAt?: Date | undefined
}

/** Longer than a question waits. */
const period = '400d'

/** The questions of a run, each as it was asked last. */
async function tokensOf(run: TriggerRun): Promise<Token[]> {
  refusePart(run)
  const { walk } = readCarried(run.metadata)
  // A fork goes on under its own walk, and takes over what was answered in the others.
  const walkIds = [walk?.walkId ?? run.id, ...(walk?.fork?.branches ?? []).map(({ walkId }) => walkId)]
  const found = await ask(`list the questions of ${run.id}`, async () => {
    const tokens: Token[] = []
    for await (const { id, status, tags, createdAt, timeoutAt } of wait.listTokens({ tags: [...new Set(walkIds.map(asksTag))], period, limit: 100 })) tokens.push({ id, status, path: askedAt(tags), createdAt, timeoutAt })
    return tokens
  })
  const last = new Map<string, Token>()
  for (const token of found.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime())) last.set(token.path, token)
  return [...last.values()]
}

/** What a run waits with for an answer. */
export async function questionsOf(run: TriggerRun): Promise<RunQuestion[]> {
  const open = (await tokensOf(run)).filter(({ status }) => status === 'WAITING')
  return open.map(({ path, createdAt, timeoutAt }) => {
    const shown = run.metadata?.[questionKey(path)] as { readonly input?: unknown } | undefined
    return { path, step: stepOf(path), askedAt: createdAt, ...(timeoutAt && { until: timeoutAt }), ...(shown && 'input' in shown && { input: shown.input }) }
  })
}

const stepOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Answers what a step of a run asks for. Throws `approval/not_asked`, `approval/answered` and `approval/timed_out`. */
export async function answerQuestion(run: TriggerRun, said: string, answer: unknown): Promise<void> {
  const tokens = await tokensOf(run)
  const meant = tokens.filter(({ path }) => path === said || path.endsWith(`/${said}`))
  const exact = meant.filter(({ path }) => path === said)
  const [token, ...others] = exact.length > 0 ? exact : meant
  if (others.length > 0) throw new TerminalError(`${JSON.stringify(said)} is several questions: ${meant.map(({ path }) => path).join(', ')}. Say which by its path.`, { code: 'approval/not_asked' })
  if (!token) throw notAsked(run, said, tokens)
  const given: GivenAnswer = { answer, by: givenBy(randomUUID()) }
  if (token.status === 'WAITING') await ask(`answer ${token.path}`, () => wait.completeToken(token.id, given))
  const { output, status } = await ask(`tell of ${token.path}`, () => wait.retrieveToken<GivenAnswer>(token.id))
  if (output?.by === given.by) return
  // Its run was told to stop: nobody asks any more, and nobody has answered.
  if (isHalted(output)) throw notAsked(run, said, tokens.filter((one) => one !== token))
  throw status === 'TIMED_OUT' ? tooLate(token) : answeredAlready(token)
}

function notAsked({ id }: TriggerRun, said: string, tokens: readonly Token[]): TerminalError {
  const open = tokens.filter(({ status }) => status === 'WAITING').map(({ path }) => path)
  return new TerminalError(`Run ${id} does not ask for ${JSON.stringify(said)}. ${open.length > 0 ? `It asks for ${open.join(', ')}.` : 'It asks for nothing now: it has not come so far, or has ended.'}`, { code: 'approval/not_asked' })
}

const answeredAlready = ({ path }: Token) => new TerminalError(`${path} was answered already: the first answer holds.`, { code: 'approval/answered' })
const tooLate = ({ path }: Token) => new TerminalError(`Nobody answered ${path} in time: the run has gone on, or failed, without an answer.`, { code: 'approval/timed_out' })
