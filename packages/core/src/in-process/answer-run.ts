import { TerminalError, type TracksError } from '@track-orchestrator/registry'
import type { Answers } from '../journal/answers.ts'
import { questionsIn } from '../journal/questions.ts'
import type { JournalRecord } from '../journal/record.ts'
import { withoutItems, type Place } from '../run/places.ts'
import { answeredAlready, putAnswer, theQuestion, tooLate } from './questions.ts'

/** Puts the answer to a question in a run's records where the run finds it. Throws as `InProcessRunner.answer` does. */
export async function answerOf(runId: string, records: readonly JournalRecord[], places: readonly Place[], answers: Answers, said: string, answer: unknown): Promise<void> {
  const asked = questionsIn(records)
  const question = theQuestion(asked, said, (one) => one)
  const contract = question && places.find(({ path }) => path === withoutItems(question.path))?.asks
  if (question && !contract) throw vanished(question.path)
  if (!contract) throw notAsked(runId, said, asked.filter(({ status }) => status === 'open').map(({ path }) => path))
  const { path, status, key, time } = question
  if (status !== 'open') throw status === 'answered' ? answeredAlready(path) : tooLate(path)
  await putAnswer(contract, answers.box(key, time), path, answer)
}

const vanished = (path: string): TracksError =>
  new TerminalError(`${path} asks, but the definition has no step there that asks any more: what an answer must be is not known. Put the step back, or resume the run and say what it is called now (--map, map).`, { code: 'approval/not_asked' })

/** `open`: the questions that there are. */
export function notAsked(runId: string, said: string, open: readonly string[]): TracksError {
  const there = open.length > 0 ? `It asks for ${open.join(', ')}.` : 'It asks for nothing now: it has not come so far, or has ended, or goes on elsewhere without a journal.'
  return new TerminalError(`Run ${runId} does not ask for ${JSON.stringify(said)}. ${there}`, { code: 'approval/not_asked' })
}
