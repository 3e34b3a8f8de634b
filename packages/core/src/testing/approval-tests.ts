import { setTimeout as delay } from 'node:timers/promises'
import { TracksError } from '@track-orchestrator/registry'
import { loadVitest } from '@track-orchestrator/registry/vitest'
import type { TrackDefinition } from '../definition/definition.ts'
import { approvalTracks } from './approval-definitions.ts'
import type { EdgeTools, StartedRun } from './engine-under-test.ts'
import { failureOf } from './failure-of.ts'

const base = { tenantId: 'tenant-1', projectId: 'project-1' }

/** Answers as soon as it is asked for: again, where an answer was given that is no good. */
export async function answerWhenAsked(run: StartedRun, step: string, value: unknown, isAgain = false): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await run.answer(step, value)
    } catch (error) {
      if (tries > 4_800 || !TracksError.is(error) || (error.code !== 'approval/not_asked' && !(isAgain && error.code === 'approval/answered'))) throw error
      await delay(50)
    }
  }
}

/** Steps that ask for answers. */
export function approvalTests({ engine }: EdgeTools): void {
  const { expect, test } = loadVitest('engineSuite')
  const start = (track: TrackDefinition) => engine().start!(track, base)
  const asking = (title: string, run: () => Promise<void>) =>
    test(title, { timeout: 300_000 }, async (context) => {
      if (!engine().start) context.skip()
      await run()
    })

  asking('a yes hands on what came before the question, and a no stops the track', async () => {
    const [yes, no] = [await start(approvalTracks.asking), await start(approvalTracks.asking)]
    await Promise.all([answerWhenAsked(yes, 'go_on', true), answerWhenAsked(no, 'go_on', false)])
    expect(await yes.ended).toMatchObject({ status: 'succeeded', output: { prev: { at: 'before' }, goOn: 'nothing' } })
    expect(await no.ended).toMatchObject({ status: 'failed', error: { code: 'approval/rejected', retryable: false, place: { track: 'EdgeAsking', step: 'go_on' } } })
  })

  asking('an answer is checked by its schema and is the output of its step; the first one holds, and the second is told so', async () => {
    const run = await start(approvalTracks.reviewed)
    await answerWhenAsked(run, 'review', { text: 7 }).catch((error: unknown) => expect(error).toMatchObject({ code: 'contract_violated', taskName: 'review' })) // in another process only the run itself can check it
    await answerWhenAsked(run, 'review', { text: 'good' }, true)
    expect(await failureOf(run.answer('review', { text: 'late' }))).toMatchObject({ code: expect.stringMatching(/^approval\/(answered|not_asked)$/) as string })
    expect(await run.ended).toMatchObject({ status: 'succeeded', output: { prev: { text: 'good', note: 'none' }, review: { text: 'good', note: 'none' } } })
  })

  asking('a question that nobody answers in time fails its step, is skipped, or has the fallback for its answer', async () => {
    const runs = await Promise.all([start(approvalTracks.askedTooLong), start(approvalTracks.skippedQuestion), start(approvalTracks.answeredForThem)])
    const [failed, skipped, fallen] = await Promise.all(runs.map(({ ended }) => ended))
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'approval/timed_out', place: { step: 'review' } } })
    expect(skipped).toMatchObject({ status: 'succeeded', output: { prev: { at: 'before' }, review: 'nothing' } })
    expect(fallen).toMatchObject({ status: 'succeeded', output: { prev: { text: 'fallback' }, review: { text: 'fallback', note: '' } } })
    expect(await failureOf(runs[2].answer('review', { text: 'late' }))).toMatchObject({ code: expect.stringMatching(/^approval\//) as string })
  })

  asking('questions of tracks side by side are told apart by their paths', async () => {
    const run = await start(approvalTracks.askingBeside)
    await answerWhenAsked(run, 'EdgeAskingBeside/EdgeAskTwo/review', { text: 'two' })
    await answerWhenAsked(run, 'EdgeAskingBeside/EdgeAskOne/review', { text: 'one' })
    expect(await run.ended).toMatchObject({ status: 'succeeded', output: { EdgeAskOne: { text: 'one' }, EdgeAskTwo: { text: 'two' } } })
  })

  asking('a track that waits for an answer hears of the failure of another; then nobody asks any more', async () => {
    const run = await start(approvalTracks.haltedQuestion)
    expect(await run.ended).toMatchObject({ status: 'failed', error: { code: 'terminal', place: { track: 'EdgeFailsBesideAsk' } } })
    expect(await failureOf(run.answer('review', { text: 'late' }))).toMatchObject({ code: 'approval/not_asked' })
  })
}
