import { TerminalError } from '@track-orchestrator/registry'

export const unknownRun = (runId: string): TerminalError => new TerminalError(`There is no run ${JSON.stringify(runId.slice(0, 130))}.`, { code: 'viewer/unknown_run' })

export const unknownValue = (): TerminalError => new TerminalError('The run has no such value, or it is gone: the step that made it must run again.', { code: 'viewer/unknown_value' })

export const mediaRefused = (why: string): TerminalError => new TerminalError(`The file is not shown: ${why}.`, { code: 'viewer/media_refused' })

export const actRefused = (why: string): TerminalError => new TerminalError(why, { code: 'viewer/act_refused' })
