import { basename, dirname, extname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

/** Which video is meant, and where the result goes. */
export interface Places {
  /** `file:///…` or `https://…`. */
  readonly url: string
  /** The video's own folder, where it is a local one: a transcript may lie beside it. */
  readonly readableFolders: readonly string[]
  /** The MP4 to write; the SRT gets the same name. */
  readonly output: string
}

/** What the demo was asked to do. */
export interface DemoOptions extends Places {
  readonly log: 'auto' | 'bars' | 'lines' | 'json'
  /** Keep what was stored between the steps. */
  readonly keep: boolean
  /** Write the run's history into a Supabase project on this machine, and read it back at the end. */
  readonly supabase: boolean
}

export const usage = `npm run demo [-- <video or https://…> [--out <file.mp4>] [--log bars|lines|json] [--keep] [--supabase]]

Gives a video an AI voice in place of its human one. Without a video: the bundled sample.
No key is needed; with DEEPGRAM_API_KEY or ELEVENLABS_API_KEY set, these services hear and speak.
  --out   the MP4 to write (default: out/<name>.mp4); its subtitles are written beside it
  --log   how progress is shown (default: bars on a terminal, lines in a pipe)
  --keep  keep the files between the steps, in out/storage
  --supabase  log to a Supabase project that is started on this machine (PostgreSQL and PostgREST from npm),
          and show the run as the database tells it`

const sample = fileURLToPath(new URL('../../sample/sense-and-sensibility.webm', import.meta.url))
const logs = ['auto', 'bars', 'lines', 'json'] as const

/** Reads the command line. Gives `undefined` for `--help`; throws an `Error` that says what is wrong with it. */
export function parseDemoOptions(args: readonly string[], folder: string): DemoOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      log: { type: 'string', default: 'auto' },
      keep: { type: 'boolean', default: false },
      supabase: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return undefined
  const log = logs.find((name) => name === values.log)
  if (!log) throw new Error(`--log is one of ${logs.join(', ')}`)
  return { ...placesOf(positionals, values.out, folder), log, keep: values.keep, supabase: values.supabase }
}

/** Finds out which video is meant, and which MP4 is to be written. Throws an `Error` where that cannot be. */
export function placesOf(videos: readonly string[], out: string | undefined, folder: string): Places {
  if (videos.length > 1) throw new Error(`One video at a time, please: got ${videos.length}`)
  const [video] = videos
  const onWeb = video !== undefined && /^https?:/i.test(video)
  const input = onWeb ? undefined : video === undefined ? sample : resolve(folder, video)
  const output = resolve(folder, out ?? `out/${input === undefined ? nameOnWeb(video!) : basename(input, extname(input))}.mp4`)
  if (extname(output).toLowerCase() !== '.mp4') throw new Error(`--out names an .mp4 file (got ${basename(output)})`)
  if (input === undefined) return { url: video!, readableFolders: [], output }
  if (output === input) throw new Error('--out would overwrite the video itself')
  return { url: pathToFileURL(input).href, readableFolders: [dirname(input)], output }
}

/** The end of a URL's path as the name of a file here. */
function nameOnWeb(url: string): string {
  const { pathname } = URL.canParse(url) ? new URL(url) : { pathname: '' }
  const name = basename(pathname, extname(pathname)).replaceAll(/[^\w-]+/g, '_').slice(0, 100)
  return name.replace(/^[-_]+/, '') || 'video'
}
