import type { SpeechToTextRequest } from '../speech/speech-to-text.ts'

/** What Deepgram is asked for, in its own words (its API reference, "Pre-recorded audio"). */
export interface DeepgramQuery {
  model: string
  language?: string
  detect_language?: boolean
  diarize?: boolean
  smart_format?: boolean
  utterances?: boolean
  keyterm?: string[]
  keywords?: string[]
  mip_opt_out?: boolean
}

/** A request in Deepgram's words. What is off by default there is left out. */
export function deepgramQuery(request: SpeechToTextRequest, defaults: { readonly model: string; readonly modelImprovement?: boolean | undefined }): DeepgramQuery {
  const { model = defaults.model, language, detectLanguage = true, diarize, smartFormat = true, utterances = true, keyterms } = request
  return {
    model,
    ...(language !== undefined ? { language } : detectLanguage && { detect_language: true }),
    ...(diarize && { diarize: true }),
    ...(smartFormat && { smart_format: true }),
    ...(utterances && { utterances: true }),
    // Nova-3 listens for terms; the models before it knew single words only, under another name.
    ...(keyterms.length > 0 && (/^nova-3|^flux/.test(model) ? { keyterm: [...keyterms] } : { keywords: [...keyterms] })),
    ...(defaults.modelImprovement === false && { mip_opt_out: true }),
  }
}
