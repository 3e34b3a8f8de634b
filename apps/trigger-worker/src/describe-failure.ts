import { TracksError } from '@track-orchestrator/registry'

/** Bad input gets a sentence, never a stack trace. What is not one of our errors is a mistake of ours: there the trace helps. */
export function describeFailure(error: unknown): string {
  if (!TracksError.is(error) || error.code === 'task_failed') return (error as Error)?.stack ?? String(error)
  const { track, step } = error.place ?? {}
  const place = track === undefined ? '' : `${track}${step === undefined ? '' : ` > ${step}`}: `
  return `${place}${error.message} [${error.code}]`
}
