import { flag, text, wholeNumber, type RulesOf } from '@track-orchestrator/registry/options'
import { vendorRules, type VendorOptions } from '../speech/vendor-options.ts'

export interface DeepgramOptions extends VendorOptions {
  /** How long a call may take, 1,000 to 300,000 ms. Default 300,000: an hour of sound takes about half a minute. */
  readonly timeoutMs?: number | undefined
  /** Default `nova-3`. What a task asks for comes before it. */
  readonly model?: string | undefined
  /** Whether Deepgram may fetch the sound where the storage signs URLs: default true; false where the storage cannot be reached from outside. */
  readonly fetchesUrls?: boolean | undefined
  /** Largest sound that is sent as it is, where Deepgram does not fetch it. It is held in memory. 1 to 2,000,000,000 bytes. Default 256 MiB. */
  readonly maxUploadBytes?: number | undefined
  /** Whether Deepgram may use the sound to improve its models. Default: as the account says. */
  readonly modelImprovement?: boolean | undefined
}

/** Deepgram takes 2 GB (its documentation, "Pre-recorded audio, limits"); so does one buffer here. */
export const deepgramRules: RulesOf<DeepgramOptions> = { ...vendorRules, model: text(), fetchesUrls: flag, maxUploadBytes: wholeNumber({ from: 1, to: 2e9 }), modelImprovement: flag }
