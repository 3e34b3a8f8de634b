export { createElevenLabs } from './elevenlabs.ts'
export type { ElevenLabsOptions } from './elevenlabs-options.ts'
