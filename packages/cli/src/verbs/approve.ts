import type { JournaledQuestion } from '@track-orchestrator/core/in-process'
import { shorten } from '@track-orchestrator/core/in-process'
import { tracksIn, type LoadedConfig } from '../config/load-config.ts'
import { openPlanner } from '../config/open-runner.ts'
import { ContractError } from '@track-orchestrator/registry'
import { CommandError, exitCodes } from '../exit.ts'
import { issueLines } from '../failure.ts'
import { inputOfPairs, valueOf } from '../input/read-input.ts'
import { describeShape, shapeOf, type Shape } from '../input/schema-places.ts'
import type { Shower } from '../show/shower.ts'
import { below } from '../show/why.ts'
import { findRun } from '../source/find-run.ts'
import type { Asking } from './verb.ts'

/** Answers what a run asks for; without a step, tells what that is. The value is JSON, a text, yes or no, or `key=value` pairs; `true` where there is none. */
export async function approve({ load, show }: Asking, said: string, step: string | undefined, values: readonly string[]): Promise<void> {
  const loaded = await load()
  const { journal } = loaded
  const runId = await findRun(journal, said)
  const { name } = await journal.readCalls(runId)
  const questions = await journal.questions(runId)
  if (step === undefined) {
    show.value(withShapes(questions, loaded))
    if (questions.length === 0) show.line(`Run ${runId} asks for nothing.`)
    return tellQuestions(show, runId, name, questions, loaded)
  }
  const asked = questions.find((one) => one.path === step || one.step === step || one.path.endsWith(`/${step}`))
  const shape = asked && shapeOfAnswer(loaded, asked)
  try {
    await openPlanner(loaded).answer(runId, step, answerOf(values, shape))
  } catch (error) {
    if (!(error instanceof ContractError) || !shape) throw error
    throw new CommandError(`${issueLines(error)!.replace('The input does', 'The answer does')}\n${below(asked.path, name)} asks for ${describeShape(shape)}: ${howToSay(shape)}`, exitCodes.usage, { cause: error })
  }
  show.value({ runId, step: asked?.path ?? step, answered: true })
  const answered = `${below(asked?.path ?? step, name)} is answered.`
  if (await journal.isRunning(runId)) show.line(`${answered} The run goes on with it.`)
  else show.typed(`${answered} Go on with it:`, show.command('resume', [runId]))
}

/** What an answer may be on the command line. */
function howToSay(shape: Shape): string {
  if (shape.type === 'boolean') return 'say true or false'
  return shape.properties ? `write it as JSON, or as ${Object.keys(shape.properties).slice(0, 2).map((key) => `${key}=…`).join(' ')}` : 'write it as JSON, or as a text'
}

const yesAndNo: Readonly<Record<string, boolean>> = { yes: true, no: false }

function answerOf(values: readonly string[], shape: Shape | undefined): unknown {
  const [value = 'true'] = values
  if (shape?.type === 'boolean' && Object.hasOwn(yesAndNo, value)) return yesAndNo[value]
  if (shape?.properties && values.length > 0 && values.every((pair) => /^[\w.[\]-]+=/.test(pair))) return inputOfPairs(values, shape)
  return valueOf(values.length > 1 ? values.join(' ') : value, shape ? [shape] : [])
}

/** For programs: each question with what its answer has to look like. */
export const withShapes = (questions: readonly JournaledQuestion[], loaded: LoadedConfig) => questions.map((question) => ({ ...question, wants: shapeOfAnswer(loaded, question) }))

/** What a run asks for, with the command that answers it. */
export function tellQuestions(show: Shower, runId: string, name: string, questions: readonly JournaledQuestion[], loaded: LoadedConfig): void {
  for (const question of questions) {
    const { path, until, input, isAnswered } = question
    const wanted = shapeOfAnswer(loaded, question)
    show.line(`\n${below(path, name)} ${isAnswered ? 'is answered: the run goes on with it when it is resumed.' : `asks for ${!wanted ? 'an answer' : wanted.type === 'boolean' ? 'yes or no' : describeShape(wanted)} until ${new Date(until).toISOString().slice(0, 16).replace('T', ' ')} UTC:`}`)
    if (isAnswered) continue
    if (input !== undefined) show.line(`  ${shorten(input, show.width * 2)}`)
    const answer = (...value: string[]) => show.command('approve', [runId, below(path, name), ...value])
    show.typed('', wanted && wanted.type !== 'boolean' ? `${answer()} <value>` : answer())
    if (wanted?.type === 'boolean') show.typed('or', answer('false'))
  }
}

/** What an answer has to look like, where that can be told: another track may ask by the same name for something else. */
function shapeOfAnswer({ tracks, orchestrators }: LoadedConfig, { path, track, step }: JournaledQuestion): Shape | undefined {
  const [run] = path.split('/')
  const whole = [...tracks, ...orchestrators].filter(({ name }) => name === run)
  const steps = tracksIn(whole).filter(({ name }) => name === track).flatMap(({ tasks }) => tasks)
  const asks = steps.find(({ approve: asked, id = asked }) => asked !== undefined && id === step)
  return asks && (asks.schema ? shapeOf(asks.schema) : { type: 'boolean' })
}
