import { createJsonErrorObject, sanitizeError, TaskRunExecutionResult, type TaskRunError } from '@trigger.dev/core/v3'
import * as errorsOf440 from 'trigger-core-4.4/v3/errors'
import { TaskRunExecutionResult as OutcomeOf440 } from 'trigger-core-4.4/v3/schemas'
import * as errorsOf4512 from 'trigger-core-4.5/v3/errors'
import { TaskRunExecutionResult as OutcomeOf4512 } from 'trigger-core-4.5/v3/schemas'

type Outcome = typeof TaskRunExecutionResult._output
type ShownError = ReturnType<typeof createJsonErrorObject>

/** How one version of the server keeps the errors of runs. Each is made of what that version published as `@trigger.dev/core`. */
export interface ServerVersion {
  /** An attempt's outcome as the version reads it: what its schema does not know is gone. */
  readonly outcome: { safeParse(value: unknown): { success: true; data: Outcome } | { success: false; error: { message: string } } }
  /** The error as the version keeps it, and hands it to the runs that wait. */
  keep(error: TaskRunError): TaskRunError
  /** The kept error as the version tells it to whoever asks for the run. */
  show(error: TaskRunError): ShownError
}

interface Published {
  sanitizeError(this: void, error: TaskRunError): TaskRunError
  createJsonErrorObject(this: void, error: TaskRunError): ShownError
}

function version(outcome: unknown, { sanitizeError: sanitize, createJsonErrorObject: show }: Published): ServerVersion {
  return { outcome: outcome as ServerVersion['outcome'], keep: (error) => cut(sanitize(error)), show }
}

/**
 * The oldest version that the engine supports, the one that was watched, and the newest.
 * 4.4.0 cuts only what every run engine cuts; from 4.4.5 on messages end at 1,000 characters, stacks at 50 frames of 1,024; causes
 * of errors are kept from 4.6.3 on.
 */
export const serverVersions = {
  '4.4.0': version(OutcomeOf440, errorsOf440),
  '4.5.12': version(OutcomeOf4512, errorsOf4512),
  '4.8.3': version(TaskRunExecutionResult, { sanitizeError, createJsonErrorObject }),
} satisfies Record<string, ServerVersion>

export type ServerVersionName = keyof typeof serverVersions

/** The hardest for errors: it cuts most and keeps no causes. */
export const defaultServerVersion: ServerVersionName = '4.5.12'

/** What the run engine itself cuts before it writes an error down, in every version (`#truncateTaskRunError` of runAttemptSystem.ts). */
function cut(error: TaskRunError): TaskRunError {
  if (error.type !== 'BUILT_IN_ERROR') return error
  return { ...error, name: error.name.slice(0, 1_024), message: error.message.slice(0, 16_384), stackTrace: error.stackTrace.slice(0, 16_384) }
}
