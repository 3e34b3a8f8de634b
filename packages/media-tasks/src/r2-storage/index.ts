export { createR2Storage } from './r2-storage.ts'
export type { R2Storage, R2StorageOptions } from './r2-storage.ts'
