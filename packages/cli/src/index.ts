export { defineConfig } from './config/define-config.ts'
export type { TracksConfig } from './config/define-config.ts'
