export { createWorker, templates } from './create-worker.ts'
export type { CreatedWorker, CreateWorkerOptions, TemplateName } from './create-worker.ts'
