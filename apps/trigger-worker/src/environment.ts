import { delimiter, isAbsolute } from 'node:path'
import type { CleanUp, TranslatorOptions } from '@track-orchestrator/media-tasks'
import type { DeepgramOptions } from '@track-orchestrator/media-tasks/deepgram'
import type { ElevenLabsOptions } from '@track-orchestrator/media-tasks/elevenlabs'
import type { R2StorageOptions } from '@track-orchestrator/media-tasks/r2'
// As a namespace: the loader that Trigger.dev reads trigger.config.ts with (jiti) does not find zod's export of that name.
import * as z from 'zod'

/** Stands in for a project's ref where there is none: the local API takes any, the cloud refuses this one by its name. */
export const placeholderProjectRef = 'proj_set_TRIGGER_PROJECT_REF'

const folder = z.string().refine(isAbsolute, 'must be an absolute path')
const count = (least: number, most: number) =>
  z.string().regex(/^\s*\d+\s*$/, 'must be a whole number').transform(Number).pipe(z.number().min(least, `must be ${least} or more`).max(most, `must be ${most} or less`))
const folders = z.string().transform((list) => list.split(delimiter).filter((path) => path !== ''))

const serviceUrl = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }).optional()
const key = z.string().regex(/^[\x21-\x7e]+$/, 'must be one word, without spaces, also at its end').optional()
const words = z.string().transform((list) => list.split(/[\s,]+/).filter((word) => word !== ''))

const speechVariables = {
  DEEPGRAM_API_KEY: key,
  DEEPGRAM_BASE_URL: serviceUrl,
  DEEPGRAM_MODEL: z.string().optional(),
  ELEVENLABS_API_KEY: key,
  ELEVENLABS_BASE_URL: serviceUrl,
  ELEVENLABS_MODEL: z.string().optional(),
  ELEVENLABS_VOICES: words.optional(),
  TRANSLATOR_API_KEY: key,
  TRANSLATOR_BASE_URL: serviceUrl,
  TRANSLATOR_MODEL: z.string().optional(),
}

/** Every variable this worker reads. `.env.example` explains each. */
const variables = z.object({
  TRIGGER_PROJECT_REF: z.string().regex(/^proj_\w+$/, 'must look like proj_abc…').default(placeholderProjectRef),
  TRIGGER_API_URL: serviceUrl,
  STORAGE_FOLDER: folder.optional(),
  READABLE_FOLDERS: folders.pipe(z.array(folder)).default([]),
  TEMPORARY_FOLDER: folder.optional(),
  FFMPEG_PATH: folder.optional(),
  FFPROBE_PATH: folder.optional(),
  // x264 takes no more than 128.
  ENCODER_THREADS: count(0, 128).default(0),
  TRANSCODE_CONCURRENCY: count(1, 100_000).default(10),
  FLOW_CONCURRENCY: count(1, 100_000).default(5),
  CLEANUP: z.enum(['none', 'immediate', 'delayed'], 'must be none, immediate or delayed').default('none'),
  ...speechVariables,
  R2_ACCOUNT_ID: key,
  R2_ENDPOINT: serviceUrl,
  R2_ACCESS_KEY_ID: key,
  R2_SECRET_ACCESS_KEY: key,
  R2_BUCKET: key,
  R2_PUBLIC_URL: serviceUrl,
  SUPABASE_URL: serviceUrl,
  SUPABASE_SERVICE_ROLE_KEY: key,
})

type Variables = z.output<typeof variables>
type VariableName = keyof Variables

/** What is needed only where something else is given. Asked even where other variables are wrong: one error names them all. */
const complete = variables
  .check(missing('STORAGE_FOLDER', (given) => !usesR2(given)))
  .check(missing('R2_ACCESS_KEY_ID', usesR2), missing('R2_SECRET_ACCESS_KEY', usesR2), missing('R2_BUCKET', usesR2))
  .check(missing('R2_ACCOUNT_ID', (given) => usesR2(given) && given.R2_ENDPOINT === undefined))
  .check(missing('TRANSLATOR_MODEL', (given) => given.TRANSLATOR_API_KEY !== undefined))
  .check(missing('SUPABASE_URL', (given) => given.SUPABASE_SERVICE_ROLE_KEY !== undefined))
  .check(missing('SUPABASE_SERVICE_ROLE_KEY', (given) => given.SUPABASE_URL !== undefined))

function missing(name: VariableName, needed: (given: Partial<Variables>) => boolean) {
  const holds = (given: Partial<Variables>) => given[name] !== undefined || !needed(given)
  return z.refine((given) => holds(given as Partial<Variables>), { path: [name], error: 'is missing', when: () => true })
}

function usesR2(given: Partial<Variables>): boolean {
  return (['R2_ACCOUNT_ID', 'R2_ENDPOINT', 'R2_ACCESS_KEY_ID', 'R2_SECRET_ACCESS_KEY', 'R2_BUCKET', 'R2_PUBLIC_URL'] as const).some((name) => given[name] !== undefined)
}

/** The names of the variables, for the test of `.env.example`. */
export const variableNames = Object.keys(variables.shape)
/** Those of hosted speech. */
export const speechVariableNames = Object.keys(speechVariables)

type Raw = Readonly<Record<string, string | undefined>>

/** The hosted services of which there is a key. */
export interface SpeechServices {
  readonly deepgram?: DeepgramOptions | undefined
  readonly elevenLabs?: ElevenLabsOptions | undefined
  readonly translator?: TranslatorOptions | undefined
}

/** What this worker is told from outside. Read once, when a process starts. */
export interface Environment {
  /** Where media lie between tasks, and results, unless `r2` is given. */
  readonly storageFolder: string | undefined
  readonly r2: R2StorageOptions | undefined
  readonly readableFolders: readonly string[]
  readonly temporaryFolder: string | undefined
  /** Threads of each H.264 encoder; 0: as many as ffmpeg sees fit. */
  readonly encoderThreads: number
  /** Parts of videos that are encoded at once, over all runs. */
  readonly transcodeConcurrency: number
  /** Orchestrators of each kind that go on at once: each holds slots for all that it waits for, where waiting runs keep them. */
  readonly flowConcurrency: number
  /** What becomes of the files between the steps once a run has succeeded. */
  readonly cleanup: CleanUp
  /** Where ffmpeg and other programs are looked up. */
  readonly programs: Raw
  readonly speech: SpeechServices
  /** The Supabase project that keeps the run history, with the service role's key. */
  readonly supabase: { readonly url: string; readonly key: string } | undefined
}

/** Checks the variables. Throws one `Error` that names all that are missing or malformed; it never repeats their values. */
export function readEnvironment(raw: Raw = process.env): Environment {
  const read = check(complete, raw)
  const { FFMPEG_PATH, FFPROBE_PATH, R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY, R2_BUCKET, SUPABASE_URL, SUPABASE_SERVICE_ROLE_KEY } = read
  return {
    storageFolder: read.STORAGE_FOLDER,
    r2:
      R2_ACCESS_KEY_ID !== undefined && R2_SECRET_ACCESS_KEY !== undefined && R2_BUCKET !== undefined
        ? { accountId: read.R2_ACCOUNT_ID, endpoint: read.R2_ENDPOINT, accessKeyId: R2_ACCESS_KEY_ID, secretAccessKey: R2_SECRET_ACCESS_KEY, bucket: R2_BUCKET, publicUrlBase: read.R2_PUBLIC_URL }
        : undefined,
    readableFolders: read.READABLE_FOLDERS,
    temporaryFolder: read.TEMPORARY_FOLDER,
    encoderThreads: read.ENCODER_THREADS,
    transcodeConcurrency: read.TRANSCODE_CONCURRENCY,
    flowConcurrency: read.FLOW_CONCURRENCY,
    cleanup: read.CLEANUP,
    programs: { FFMPEG_PATH, FFPROBE_PATH, PATH: raw['PATH'] },
    speech: speechOf(read),
    supabase: SUPABASE_URL !== undefined && SUPABASE_SERVICE_ROLE_KEY !== undefined ? { url: SUPABASE_URL, key: SUPABASE_SERVICE_ROLE_KEY } : undefined,
  }
}

/** The hosted services of which there is a key. Throws as `readEnvironment` does. */
export function readSpeechServices(raw: Raw = process.env): SpeechServices {
  return speechOf(check(z.object(speechVariables).check(missing('TRANSLATOR_MODEL', (given) => given.TRANSLATOR_API_KEY !== undefined)), raw))
}

function speechOf(read: z.output<z.ZodObject<typeof speechVariables>>): SpeechServices {
  const { DEEPGRAM_API_KEY: deepgramKey, ELEVENLABS_API_KEY: elevenLabsKey, TRANSLATOR_API_KEY: translatorKey, TRANSLATOR_MODEL: model } = read
  return {
    ...(deepgramKey !== undefined && { deepgram: { apiKey: deepgramKey, baseUrl: read.DEEPGRAM_BASE_URL, model: read.DEEPGRAM_MODEL } }),
    ...(elevenLabsKey !== undefined && {
      elevenLabs: { apiKey: elevenLabsKey, baseUrl: read.ELEVENLABS_BASE_URL, model: read.ELEVENLABS_MODEL, voices: read.ELEVENLABS_VOICES },
    }),
    ...(translatorKey !== undefined && model !== undefined && { translator: { apiKey: translatorKey, baseUrl: read.TRANSLATOR_BASE_URL, model } }),
  }
}

/** Which variables a worker needs that has those of these names, and no others. Their values are not looked at. */
export function missingVariables(names: readonly string[]): readonly string[] {
  const given = Object.fromEntries(names.map((name) => [name, 'set']))
  const issues = complete.safeParse(given).error?.issues ?? []
  return [...new Set(issues.map(({ path }) => String(path[0])))].filter((name) => !Object.hasOwn(given, name))
}

/** The Trigger.dev project, which is asked for where nothing else is known: while the configuration is read. Throws as `readEnvironment` does. */
export function readProjectRef(raw: Raw = process.env): string {
  return check(variables.pick({ TRIGGER_PROJECT_REF: true }), raw).TRIGGER_PROJECT_REF
}

/** What the Trigger.dev commands need against a real instance. Throws as `readEnvironment` does. */
export function checkProject(raw: Raw = process.env): void {
  check(z.object({ ...variables.shape, TRIGGER_PROJECT_REF: variables.shape.TRIGGER_PROJECT_REF.unwrap() }).pick({ TRIGGER_PROJECT_REF: true, TRIGGER_API_URL: true }), raw)
}

/** A variable that is set to nothing counts as missing: so a line of `.env` can be left empty. */
function check<Schema extends z.ZodType>(schema: Schema, raw: Raw): z.output<Schema> {
  const given = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined && value.trim() !== ''))
  const { success, data, error } = schema.safeParse(given)
  if (success) return data
  const lines = error.issues.map(({ path, message }) => `  ${String(path[0])} ${String(path[0]) in given ? message : 'is missing'}`)
  throw new Error(`The environment of this worker is not as it must be (see apps/trigger-worker/.env.example):\n${[...new Set(lines)].join('\n')}`)
}
