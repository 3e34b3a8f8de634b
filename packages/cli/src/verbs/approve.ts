import type { JournaledQuestion } from '@track-orchestrator/core/in-process'
import { shorten } from '@track-orchestrator/core/in-process'
import type { OrchestratorDefinition, TrackDefinition } from '@track-orchestrator/core'
import type { LoadedConfig } from '../config/load-config.ts'
import { openPlanner } from '../config/open-runner.ts'
import { valueOf } from '../input/read-input.ts'
import { describeShape, shapeOf, type Shape } from '../input/schema-places.ts'
import type { Shower } from '../show/shower.ts'
import { below } from '../show/why.ts'
import { findRun } from '../source/find-run.ts'
import type { Asking } from './verb.ts'

/** Answers what a run asks for; without a step, tells what that is. The value is JSON, or a text; `true` where there is none. */
export async function approve({ load, show }: Asking, said: string, step: string | undefined, value = 'true'): Promise<void> {
  const loaded = await load()
  const { journal } = loaded
  const runId = await findRun(journal, said)
  const { name } = await journal.readCalls(runId)
  const questions = await journal.questions(runId)
  if (step === undefined) {
    show.value(questions)
    if (questions.length === 0) show.line(`Run ${runId} asks for nothing.`)
    return tellQuestions(show, runId, name, questions, loaded)
  }
  const asked = questions.find((one) => one.path === step || one.step === step || one.path.endsWith(`/${step}`))
  const shape = asked && shapeOfAnswer(loaded, asked)
  await openPlanner(loaded).answer(runId, step, valueOf(value, shape ? [shape] : []))
  show.value({ runId, step: asked?.path ?? step, answered: true })
  const goesOn = (await journal.isRunning(runId)) ? 'The run goes on with it.' : `Go on with it:  tracks resume ${runId}`
  show.line(`${below(asked?.path ?? step, name)} is answered. ${goesOn}`)
}

/** What a run asks for, with the command that answers it. */
export function tellQuestions(show: Shower, runId: string, name: string, questions: readonly JournaledQuestion[], loaded?: LoadedConfig): void {
  for (const question of questions) {
    const { path, until, input, isAnswered } = question
    const wanted = loaded && shapeOfAnswer(loaded, question)
    show.line(`\n${below(path, name)} ${isAnswered ? 'is answered: the run goes on with it when it is resumed.' : `asks for ${wanted ? describeShape(wanted) : 'an answer'} until ${new Date(until).toISOString().slice(0, 16).replace('T', ' ')} UTC:`}`)
    if (isAnswered) continue
    if (input !== undefined) show.line(`  ${shorten(input, show.width * 2)}`)
    show.line(`  tracks approve ${runId} ${below(path, name)}${wanted && wanted.type !== 'boolean' ? ' <value>' : ''}`)
  }
}

/** What an answer has to look like, where that can be told: by what the question is called, wherever it stands. */
function shapeOfAnswer({ tracks, orchestrators }: LoadedConfig, { name }: JournaledQuestion): Shape | undefined {
  const asks = stepsOf([...tracks, ...orchestrators]).find(({ approve: asked }) => asked === name)
  return asks && (asks.schema ? shapeOf(asks.schema) : { type: 'boolean' })
}

function stepsOf(definitions: readonly (TrackDefinition | OrchestratorDefinition)[]): TrackDefinition['tasks'][number][] {
  const all = new Set<TrackDefinition>(definitions.flatMap((definition) => ('tracks' in definition ? definition.tracks : [definition])))
  for (const { tasks, ...track } of all) {
    const inner = [...tasks.flatMap(({ track: own }) => own ?? []), ...('subTracks' in track ? (track.subTracks as readonly TrackDefinition[]) : [])]
    for (const one of inner) all.add(one) // the loop comes to these, too
  }
  return [...all].flatMap(({ tasks }) => tasks)
}
