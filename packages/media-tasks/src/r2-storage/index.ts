export type { R2StorageOptions } from './r2-options.ts'
export { createR2Storage } from './r2-storage.ts'
export type { R2Storage } from './r2-storage.ts'
