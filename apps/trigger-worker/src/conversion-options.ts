import { z } from 'zod'

/** What may be said of a conversion beside its `url`: in the flow's input, in the demo, and to the worker. */
export const conversionOptions = {
  /** BCP 47. */
  language: z.string().min(2).max(20).optional(),
  /** By speaker number. */
  voices: z.record(z.string().regex(/^\d{1,3}$/, 'expected a speaker number'), z.string().min(1).max(200)).optional(),
  background: z.union([z.literal('none'), z.object({ duckDb: z.number().min(0).max(36) })]).default('none'),
  subtitles: z.enum(['soft', 'file', 'none']).default('file'),
  height: z.int().min(120).max(4_320).multipleOf(2).optional(),
  crf: z.int().min(0).max(51).default(23),
  parts: z.int().min(1).max(200).default(10),
}

/** The flows' input: a video, where it came from if `url` is a copy of it, and how it is to be converted. */
export const conversionInput = z.object({ url: z.string(), sourceUrl: z.string().optional(), ...conversionOptions })

/** What `TranslatedDubbing` takes besides. */
export const translationOptions = {
  /** BCP 47. */
  translateTo: z.string().min(2).max(20),
  glossary: z.record(z.string().min(1).max(200), z.string().max(200)).optional(),
}

/** The input of `TranslatedDubbing`. */
export const translationInput = z.object({ ...conversionInput.shape, ...translationOptions })

/** The input of `ReviewedVoiceConversion`. */
export const reviewedInput = z.object({
  ...conversionInput.shape,
  /** The voice is not asked before then: ISO 8601 with a time zone. Default: as soon as the transcript is approved. */
  speakAfter: z.iso.datetime({ offset: true }).optional(),
})

const allOptions = { ...conversionOptions, ...translationOptions }

/** How an option is called, what it means, and what holds without it: the one source of the README's table and of `--help`. */
export interface OptionRow {
  /** In the flow's input, and after `--` on a command line. */
  readonly name: keyof typeof allOptions
  /** What is given on a command line. */
  readonly argument: string
  readonly meaning: string
  readonly usually: string
}

export const optionRows: readonly OptionRow[] = [
  { name: 'language', argument: '<code>', meaning: 'the language that is spoken, such as en or pt-BR', usually: 'found out, where the listener can' },
  { name: 'voices', argument: '<0=rms,1=slt>', meaning: 'which voice speaks for which speaker number', usually: 'the speaking service\'s own, in turn' },
  { name: 'background', argument: '<none|18>', meaning: 'the original\'s sound beneath the new voice, lowered by so many dB while that speaks: { duckDb: 18 }, 0 to 36', usually: 'none' },
  { name: 'subtitles', argument: '<soft|file|none>', meaning: 'soft: a track in the MP4; file: .srt and .vtt beside it', usually: 'file' },
  { name: 'height', argument: '<pixels>', meaning: 'height of the picture, even, 120 to 4320; the width follows', usually: 'as the source' },
  { name: 'crf', argument: '<0-51>', meaning: 'x264\'s quality: 0 is lossless, 51 the worst', usually: '23' },
  { name: 'parts', argument: '<1-200>', meaning: 'in how many parts the picture is encoded, at most', usually: '10' },
  { name: 'translateTo', argument: '<code>', meaning: 'the language in which the new voice speaks, such as de or pt-BR; TranslatedDubbing only, which requires it', usually: 'as in the video' },
  { name: 'glossary', argument: '<Track=Spur,…>', meaning: 'how names and terms are translated: { Track: "Spur" }; TranslatedDubbing only', usually: 'as the model sees fit' },
]

/** The rows as lines of a usage, no wider than 80 columns. */
export function optionUsage(): string {
  return optionRows.map(({ name, argument, meaning, usually }) => folded(`  --${name} ${argument}`, `${meaning} (default: ${usually})`)).join('\n')
}

const [indent, columns] = [6, 80]

function folded(head: string, text: string): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last !== '' && indent + last.length + 1 + word.length > columns) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return [head, ...lines.map((line) => ' '.repeat(indent) + line)].join('\n')
}

/** The options of `parseArgs` for a command line. */
export const optionFlags = Object.fromEntries(optionRows.map(({ name }) => [name, { type: 'string' }])) as { readonly [Name in OptionRow['name']]: { readonly type: 'string' } }

type Words = { readonly [Name in OptionRow['name']]?: string | undefined }
export type ConversionOptions = z.input<z.ZodObject<typeof conversionOptions>> & Partial<z.input<z.ZodObject<typeof translationOptions>>>

/** What was said on a command line, as the flow takes it. Throws an `Error` that names the option. */
export function readConversionOptions(words: Words): ConversionOptions {
  const { background, voices, glossary, height, crf, parts, ...plain } = words
  const given = {
    ...plain,
    ...(voices !== undefined && { voices: pairsOf(voices) }),
    ...(glossary !== undefined && { glossary: pairsOf(glossary) }),
    ...(background !== undefined && { background: background === 'none' ? 'none' : { duckDb: numberOf(background) } }),
    ...Object.fromEntries(Object.entries({ height, crf, parts }).flatMap(([name, word]) => (word === undefined ? [] : [[name, numberOf(word)]]))),
  }
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const parsed = z.object(allOptions).partial().safeParse(defined)
  if (parsed.success && glossary !== undefined && plain.translateTo === undefined) throw new Error('--glossary needs --translateTo: without it nothing is translated')
  if (parsed.success) return defined
  const name = String(parsed.error.issues[0]?.path[0])
  const row = optionRows.find((each) => each.name === name)
  throw new Error(`--${name} is ${row?.argument ?? 'wrong'}: ${row?.meaning ?? ''}`)
}

const pairsOf = (words: string) => Object.fromEntries(words.split(',').map((pair) => pair.split(/=(.*)/s, 2))) as Record<string, string>

const numberOf = (word: string): number => (word.trim() === '' ? Number.NaN : Number(word))

/** Language codes of ISO 639-2, which MP4 wants, for those of ISO 639-1 that speech services know. */
const threeLetters: Readonly<Record<string, string>> = {
  ar: 'ara', bg: 'bul', cs: 'ces', da: 'dan', de: 'deu', el: 'ell', en: 'eng', es: 'spa', fi: 'fin', fr: 'fra', hi: 'hin', hu: 'hun', id: 'ind', it: 'ita', ja: 'jpn',
  ko: 'kor', nl: 'nld', no: 'nor', pl: 'pol', pt: 'por', ro: 'ron', ru: 'rus', sk: 'slk', sv: 'swe', th: 'tha', tr: 'tur', uk: 'ukr', vi: 'vie', zh: 'zho',
} // prettier-ignore

/** What MP4 calls a language; `und` where it is not known. */
export const subtitleLanguageOf = (language: string | undefined): string => threeLetters[language?.toLowerCase().split('-')[0] ?? ''] ?? 'und'
