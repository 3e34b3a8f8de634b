import { parseInput, type ProviderError } from '@track-orchestrator/registry'
import { elevenlabsTextToSpeechBatch, type SpeechSegment } from '@track-orchestrator/registry/media'
import { createTestContext, type TestContext } from '@track-orchestrator/registry/testing'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { createElevenLabs } from '../elevenlabs/elevenlabs.ts'
import type { ElevenLabsOptions } from '../elevenlabs/elevenlabs-options.ts'
import { createElevenlabsTextToSpeechBatchHandler } from '../tasks/elevenlabs-text-to-speech-batch.ts'
import { startElevenLabsServer, type ElevenLabsServerOptions } from './elevenlabs-server.ts'
import { openTestTools, type TestTools } from './test-tools.ts'
import type { VendorCall, VendorFault, VendorServer } from './vendor-server.ts'

type Results = (typeof elevenlabsTextToSpeechBatch)['~io']['out']
type Input = (typeof elevenlabsTextToSpeechBatch)['~io']['in']

export const apiKey = 'sk_0123456789abcdef0123456789abcdef'
export const voice = 'JBFqnCBsd6RMkjVDRZzb'
/** Of the tests of one file. */
export let media: TestTools
/** Of one test: see `start`. */
export let server: VendorServer
/** Opens, for the tests of a file, what `speak` needs beside a server. */
export function useElevenLabs(): void {
  beforeAll(async () => {
    media = await openTestTools()
  })
  afterEach(() => server?.close())
  afterAll(() => media.close())
}

export const start = async (options: ElevenLabsServerOptions = {}): Promise<VendorServer> => (server = await startElevenLabsServer({ apiKey, ...options }))
export const startFaulty = (fault: VendorFault): Promise<VendorServer> => start({ fault: () => fault })
export const segments = (...texts: string[]): SpeechSegment[] => texts.map((text, index) => ({ index, startSeconds: index, endSeconds: index + 1, text }))

export interface Spoken {
  readonly input?: Partial<Input>
  readonly options?: Partial<ElevenLabsOptions>
  readonly signal?: AbortSignal
  /** Whose clips are kept. Default: one who has spoken nothing. */
  readonly tenantId?: string
}
let tenants = 0
/** Has the segments spoken by the task of that name, at the voice's own pace unless that is asked for. */
export async function speak(given: SpeechSegment[], { input, options, signal, tenantId = `new-${++tenants}` }: Spoken = {}): Promise<Results & { readonly context: TestContext }> {
  const context = createTestContext({ taskName: 'elevenlabs_text_to_speech_batch', tenantId, ...(signal && { signal }) })
  const textToSpeech = createElevenLabs({ apiKey, baseUrl: server.url, ...options })
  const handler = createElevenlabsTextToSpeechBatchHandler({ ...media.tools, textToSpeech })
  const results = await handler(await parseInput(elevenlabsTextToSpeechBatch, { segments: given, fitSpeed: false, ...input }), context)
  return { ...results, context }
}
export const failure = (given: SpeechSegment[], spoken?: Spoken): Promise<ProviderError> =>
  speak(given, spoken).then(() => expect.unreachable('it should have failed'), (error: ProviderError) => error)
export const letters = (count: number): string[] => Array.from({ length: count }, (_, place) => String.fromCodePoint(97 + place))
export const textOf = (call: VendorCall): string => (call.json as { text: string }).text
export const textsAsked = (): string[] => server.calls.map(textOf)
