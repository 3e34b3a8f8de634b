export { createConsoleLog } from './console-log.ts'
export type { ConsoleLogOptions } from './console-log.ts'
export { describeEvent, formatDuration } from './describe-event.ts'
export { printable } from './printable.ts'
