/** What is known of ElevenLabs' models, by the beginning of their names; the longest that fits counts. */
interface Model {
  /** Most characters of one request (ElevenLabs' help, "What's the maximum amount of characters and text I can generate?"). */
  readonly mostCharacters: number
  /** Takes what is said before and after along. Eleven v3 refuses to be told (`unsupported_model`). */
  readonly hearsAround: boolean
  /** Speaks at the pace it is asked for. Eleven v3 passes over it (github.com/elevenlabs/elevenlabs-mcp/pull/96). */
  readonly hasSpeed: boolean
}

const older = { hearsAround: true, hasSpeed: true }
const models: Readonly<Record<string, Model>> = {
  eleven_flash_v2_5: { mostCharacters: 40_000, ...older },
  eleven_turbo_v2_5: { mostCharacters: 40_000, ...older },
  eleven_flash_v2: { mostCharacters: 30_000, ...older },
  eleven_turbo_v2: { mostCharacters: 30_000, ...older },
  eleven_multilingual: { mostCharacters: 10_000, ...older },
  eleven_monolingual: { mostCharacters: 10_000, ...older },
  eleven_english: { mostCharacters: 10_000, ...older },
}
/** Of a model that nobody here knows: what every one can do. Eleven v3 takes 5,000 characters. */
const unknown: Model = { mostCharacters: 5_000, hearsAround: false, hasSpeed: false }

/** The facts of a model. */
export function modelOf(name: string): Model {
  const [known] = Object.keys(models)
    .filter((prefix) => name.startsWith(prefix))
    .toSorted((a, b) => b.length - a.length)
  return (known !== undefined && models[known]) || unknown
}
