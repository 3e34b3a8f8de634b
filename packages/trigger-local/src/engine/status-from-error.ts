import type { TaskRunError } from '@trigger.dev/core/v3'
import type { Ending } from './finish-run.ts'

type FailedStatus = Exclude<Ending['status'], 'COMPLETED_SUCCESSFULLY'>
type Code = Extract<TaskRunError, { type: 'INTERNAL_ERROR' }>['code']

/** Internal errors that are not the platform's fault. Every other one is a SYSTEM_FAILURE. */
const statuses: Partial<Record<Code, FailedStatus>> = {
  RECURSIVE_WAIT_DEADLOCK: 'COMPLETED_WITH_ERRORS',
  TASK_INPUT_ERROR: 'COMPLETED_WITH_ERRORS',
  TASK_OUTPUT_ERROR: 'COMPLETED_WITH_ERRORS',
  TASK_MIDDLEWARE_ERROR: 'COMPLETED_WITH_ERRORS',
  TASK_RUN_UNCAUGHT_EXCEPTION: 'COMPLETED_WITH_ERRORS',
  TASK_RUN_CANCELLED: 'CANCELED',
  TASK_RUN_STALLED_EXECUTING: 'CANCELED',
  TASK_RUN_STALLED_EXECUTING_WITH_WAITPOINTS: 'CANCELED',
  MAX_DURATION_EXCEEDED: 'TIMED_OUT',
  TASK_PROCESS_OOM_KILLED: 'CRASHED',
  TASK_PROCESS_MAYBE_OOM_KILLED: 'CRASHED',
  TASK_PROCESS_SIGSEGV: 'CRASHED',
  DISK_SPACE_EXCEEDED: 'CRASHED',
  OUTDATED_SDK_VERSION: 'CRASHED',
  HANDLE_ERROR_ERROR: 'CRASHED',
  TASK_RUN_CRASHED: 'CRASHED',
  TASK_PROCESS_EXITED_WITH_NON_ZERO_CODE: 'CRASHED',
}

/** The status in which the real engine ends a run of a development environment, by the error of its last attempt. */
export function statusFromError(error: TaskRunError): FailedStatus {
  return error.type === 'INTERNAL_ERROR' ? (statuses[error.code] ?? 'SYSTEM_FAILURE') : 'COMPLETED_WITH_ERRORS'
}
