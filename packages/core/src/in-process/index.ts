export { createInProcessEngine } from './in-process-engine.ts'
export type { InProcessOptions } from './in-process-engine.ts'
export { createRunner } from './create-runner.ts'
export type { InProcessContext, RunnerOptions } from './create-runner.ts'
