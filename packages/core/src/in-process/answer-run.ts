import { TerminalError, type TracksError } from '@track-orchestrator/registry'
import { adviceOnName } from '@track-orchestrator/registry/options'
import type { Answers } from '../journal/answers.ts'
import { questionsIn } from '../journal/questions.ts'
import type { JournaledCalls } from '../journal/journaled-run.ts'
import { withoutItems, type Place } from '../run/places.ts'
import { answeredAlready, putAnswer, theQuestion, tooLate } from './questions.ts'

/** Puts the answer to a question in a run's records where the run finds it. Throws as `InProcessRunner.answer` does. */
export async function answerOf(run: Pick<JournaledCalls, 'runId' | 'status' | 'heads'>, places: readonly Place[], answers: Answers, said: string, answer: unknown): Promise<void> {
  const asked = questionsIn(run.heads.withoutEvents())
  const question = theQuestion(asked, said, (one) => one)
  if (!question) throw notAsked(run.runId, said, whatItAsks(run.status, said, asked.filter(({ status }) => status === 'open').map(({ path }) => path), places))
  const { path, status, key, time } = question
  if (status === 'answered') throw answeredAlready(path)
  if (status === 'timedOut') throw tooLate(path)
  if (status === 'dropped') throw dropped(run.runId, path)
  const contract = places.find((place) => place.path === withoutItems(path))?.asks
  if (!contract) throw vanished(path)
  await putAnswer(contract, answers.box(key, time), path, answer)
}

const vanished = (path: string): TracksError =>
  new TerminalError(`${path} asks, but the definition has no step there that asks any more: what an answer must be is not known. Put the step back, or resume the run: it asks for what the definition says now.`, { code: 'approval/not_asked' })

const dropped = (runId: string, path: string): TracksError => new TerminalError(`${path} asks no more: run ${runId} has succeeded without an answer to it, and nothing waits for one.`, { code: 'approval/not_asked' })

/** `open`: the paths of the questions that there are. */
function whatItAsks(status: JournaledCalls['status'], said: string, open: readonly string[], places: readonly Place[]): string {
  if (open.length > 0) return `It asks for ${open.join(', ')}.`
  if (status === 'succeeded') return 'It has succeeded, and asks for nothing any more.'
  const steps = places.flatMap(({ asks, step }) => (asks ? [step] : []))
  if (steps.length === 0) return 'No step of its definition asks for anything.'
  const isKnown = steps.some((step) => said === step || said.endsWith(`/${step}`))
  const now = status === 'open' ? 'It asks for nothing now.' : `It ${status === 'failed' ? 'has failed' : 'was cancelled'}, and asks for nothing until it is resumed.`
  return isKnown ? `${now} It has not come to that step.` : `${now} No step of that name asks. ${adviceOnName(said, [...new Set(steps)])}`
}

/** `there`: what it does ask for. */
export const notAsked = (runId: string, said: string, there: string): TracksError => new TerminalError(`Run ${runId} does not ask for ${JSON.stringify(said)}. ${there}`, { code: 'approval/not_asked' })
