import { createJsonErrorObject, sanitizeError, TaskRunExecutionResult, type TaskRunError } from '@trigger.dev/core/v3'

type Outcome = typeof TaskRunExecutionResult._output
type ShownError = ReturnType<typeof createJsonErrorObject>

/** What tells one version of the server from another: how it keeps the errors of runs, and which limits it knows. */
export interface ServerVersion {
  /** An attempt's outcome as the version reads it: what its schema does not know is gone. */
  readonly outcome: { safeParse(value: unknown): { success: true; data: Outcome } | { success: false; error: { message: string } } }
  /** The error as the version keeps it, and hands it to the runs that wait. */
  keep(error: TaskRunError): TaskRunError
  /** The kept error as the version tells it to whoever asks for the run. */
  show(error: TaskRunError): ShownError
  /** Whether it knows `concurrency` of tasks and named limits: from 4.7 on. An earlier one passes over them, and limits nothing. */
  readonly hasTaskLimits: boolean
}

/** The newest: it cuts messages at 1,000 characters, stacks at 50 frames of 1,024, and keeps the causes of an error. */
const newest: ServerVersion = { outcome: TaskRunExecutionResult, keep: (error) => cut(sanitizeError(error)), show: createJsonErrorObject, hasTaskLimits: true }

/**
 * The oldest version that the SDK's users have, the one that was watched, and the newest. Each is held against what that version
 * published as `@trigger.dev/core` by the tests. From 4.4.5 on messages and stacks are cut; causes are kept from 4.6.3 on.
 */
export const serverVersions = {
  '4.4.0': { outcome: { safeParse: parseWithoutCauses }, keep: (error) => cut(withoutNulls(error)), show: createJsonErrorObject, hasTaskLimits: false },
  '4.5.12': { ...newest, outcome: { safeParse: parseWithoutCauses }, hasTaskLimits: false },
  '4.8.3': newest,
} satisfies Record<string, ServerVersion>

export type ServerVersionName = keyof typeof serverVersions

/** The hardest for errors: it cuts most and keeps no causes. */
export const defaultServerVersion: ServerVersionName = '4.5.12'

/** As versions before 4.6.3 read an outcome: their schema of errors has no causes. */
function parseWithoutCauses(value: unknown): ReturnType<ServerVersion['outcome']['safeParse']> {
  const read = TaskRunExecutionResult.safeParse(value)
  if (!read.success || read.data.ok || read.data.error.type !== 'BUILT_IN_ERROR') return read
  const { causes: _causes, ...error } = read.data.error
  return { success: true, data: { ...read.data, error } }
}

/** As 4.4.0 cleans an error: PostgreSQL takes no null characters, and nothing is cut. */
function withoutNulls(error: TaskRunError): TaskRunError {
  return Object.fromEntries(Object.entries(error).map(([key, value]) => [key, typeof value === 'string' ? value.replaceAll('\0', '') : value])) as TaskRunError
}

/** What the run engine itself cuts before it writes an error down, in every version (`#truncateTaskRunError` of runAttemptSystem.ts). */
function cut(error: TaskRunError): TaskRunError {
  if (error.type !== 'BUILT_IN_ERROR') return error
  return { ...error, name: error.name.slice(0, 1_024), message: error.message.slice(0, 16_384), stackTrace: error.stackTrace.slice(0, 16_384) }
}
