export { createDeepgram } from './deepgram.ts'
export type { DeepgramOptions } from './deepgram-options.ts'
