import { setTimeout as delay } from 'node:timers/promises'
import { TracksError } from '@track-orchestrator/registry'
import type { OrchestratorDefinition } from '../definition/definition.ts'
import type { OrchestratorResult } from '../run/runs.ts'
import type { PlannedAnswer } from './asking-flows.ts'
import type { EngineUnderTest, StartedRun } from './engine-under-test.ts'
import { createSeededRandom } from './seeded-random.ts'

/** Runs an orchestrator; where steps of it may ask, answering each, once it asks, after a time that the seed says. */
export async function settleAnswered({ runner, start }: EngineUnderTest, orchestrator: OrchestratorDefinition, payload: object, answers: readonly PlannedAnswer[], seed: number): Promise<OrchestratorResult> {
  if (answers.length === 0) return await runner.settleOrchestrator(orchestrator, payload)
  const random = createSeededRandom(seed)
  const run = await start!(orchestrator, payload)
  const over = new AbortController()
  const answering = Promise.all(answers.map((answer) => answerOnce(run, answer, random.below(8), over.signal)))
  answering.catch(() => {}) // is told at the end
  const result = await run.ended
  over.abort()
  await answering
  return result as OrchestratorResult
}

/** Answers, wrongly before where that is planned. Ends with the run, which may never come to it. */
async function answerOnce(run: StartedRun, { path, value, wrong }: PlannedAnswer, laterMs: number, over: AbortSignal): Promise<void> {
  await delay(laterMs)
  // In another process only the run itself can refuse what is wrong: it asks again then.
  if (wrong !== undefined) await whenAsked(() => run.answer(path, wrong).catch((error: unknown) => unlessCode(error, 'contract_violated')), over, ['approval/not_asked'])
  await whenAsked(() => run.answer(path, value), over, wrong === undefined ? ['approval/not_asked'] : ['approval/not_asked', 'approval/answered'])
}

/** Tries until the question is there, or the run is over. */
async function whenAsked(answer: () => Promise<void>, over: AbortSignal, passing: readonly string[]): Promise<void> {
  for (let waitMs = 2; !over.aborted; waitMs = Math.min(waitMs * 2, 250)) {
    try {
      return await answer()
    } catch (error) {
      if (over.aborted) return
      if (!TracksError.is(error) || !passing.includes(error.code)) throw error
    }
    await delay(waitMs)
  }
}

function unlessCode(error: unknown, code: string): void {
  if (!TracksError.is(error) || error.code !== code) throw error
}
