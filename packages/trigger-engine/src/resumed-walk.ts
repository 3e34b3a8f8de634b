import { TerminalError } from '@track-orchestrator/registry'
import { metadata, runs } from '@trigger.dev/sdk'

/**
 * The id under which the walk of an earlier run began: its own, or, if it resumed another itself, that one's. So the latest run of
 * several that failed can be resumed. Throws `terminal` where there is no such run of `name`: it would quietly run everything again.
 */
export async function resumedWalk(runId: string, name: string): Promise<string> {
  const earlier = await runs.retrieve(runId).catch((cause: unknown) => {
    throw new TerminalError(`resumeOf: run ${runId} could not be found (${String(cause)}). Give the id of an earlier run of ${name}.`, { cause })
  })
  if (earlier.taskIdentifier !== name) throw new TerminalError(`resumeOf: ${runId} is a run of ${earlier.taskIdentifier}, not of ${name}.`)
  const began = earlier.metadata?.['resumedWalk']
  const walkId = typeof began === 'string' ? began : runId
  metadata.set('resumedWalk', walkId)
  return walkId
}
