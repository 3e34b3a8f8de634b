export { createConsoleLog } from './console-log.ts'
export type { ConsoleLogOptions } from './console-log.ts'
export { formatDuration } from './describe-event.ts'
