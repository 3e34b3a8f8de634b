import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { speechSegment, spokenSegment } from './speech-segment.ts'
import { commonOptions, storedFile } from './stored-file.ts'
import { timeline } from './timeline.ts'

/** As ElevenLabs has them; each is left to the voice where it is not given. */
const voiceSettings = z.object({
  /** 0, lively, to 1, even. */
  stability: z.number().min(0).max(1).optional(),
  /** How close to the original speaker, 0 to 1. */
  similarityBoost: z.number().min(0).max(1).optional(),
  /** How much of the speaker's manner is overdone, 0 to 1. */
  style: z.number().min(0).max(1).optional(),
  useSpeakerBoost: z.boolean().optional(),
  /** 0.7 to 1.2; 1 is the voice's own. */
  speed: z.number().min(0.7).max(1.2).optional(),
})

/** Speaks every segment. ElevenLabs where a key is given; else whatever speaker the worker was given. */
export const elevenlabsTextToSpeechBatch = defineTask({
  name: 'elevenlabs_text_to_speech_batch',
  description: 'Speaks every segment with an AI voice.',
  input: z.object({
    segments: z.array(speechSegment),
    ...timeline,
    /** The voice for speakers that `voices` does not name. Default: the speaking service's choice. */
    voice: z.string().min(1).max(200).optional(),
    /** Which voice speaks for which speaker number, as in `{ "0": "rms", "1": "slt" }`. */
    voices: z.record(z.string().regex(/^\d{1,3}$/, 'expected a speaker number'), z.string().min(1).max(200)).default({}),
    /** The speaking service's own model name. */
    model: z.string().max(100).optional(),
    /** How the voices are to sound, where the speaking service can do that. Default: as each voice was made. */
    voiceSettings: voiceSettings.optional(),
    /**
     * Ask the voice for the pace at which each segment takes the time of its cue, between `slowestSpeed` and `fastestSpeed`, where the voice can
     * do that. Default true; a `speed` among the `voiceSettings` comes before it.
     */
    fitSpeed: z.boolean().default(true),
    /** 0.7 to 1; 1 is the voice's own. Default 0.8. */
    slowestSpeed: z.number().min(0.7).max(1).default(0.8),
    /** 1 to 1.25. Default 1.2. */
    fastestSpeed: z.number().min(1).max(1.25).default(1.2),
    /**
     * By segment index, which take is wanted, from 1: a higher number has the segment spoken anew, and the number of before brings the
     * take of before back. Default 1. Takes are told apart where the speaking service's clips are kept.
     */
    takes: z.record(z.string().regex(/^\d{1,6}$/, 'expected a segment index'), z.int().min(1).max(1_000)).default({}),
    /** Segments spoken at once, 1 to 20. Default 3. A service that says "too many" gets fewer. */
    concurrency: z.int().min(1).max(20).default(3),
    ...commonOptions,
  }),
  output: z.object({
    segments: z.array(spokenSegment),
    files: z.array(storedFile),
    /** Who spoke: `elevenlabs`, `flite`. */
    provider: z.string(),
    /** Characters spoken, the unit that services charge for; those of clips kept from before count, but were not paid for again. */
    characters: z.int().min(0),
    ...timeline,
  }),
  timeoutMs: 3_600_000,
  expectedCost: ({ segments }) => ({ amount: segments.reduce((sum, { text }) => sum + text.length, 0), unit: 'characters' }),
})
