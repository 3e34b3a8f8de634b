export { startR2Local } from './start-r2-local.ts'
export type { R2Local, R2LocalOptions } from './start-r2-local.ts'
