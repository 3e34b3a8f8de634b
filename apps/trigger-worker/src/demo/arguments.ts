import { parseArgs } from 'node:util'
import { optionFlags, optionUsage, readConversionOptions, type ConversionOptions } from '../conversion-options.ts'
import { ProgramError } from '../program/describe-failure.ts'
import { placesOf, type Places } from '../program/places.ts'

/** What the demo was asked to do. */
export interface DemoArguments extends Places {
  readonly log: 'auto' | 'bars' | 'lines' | 'json'
  /** Keep what was stored between the steps once the run has succeeded. */
  readonly keep: boolean
  /** Write the run's history into a Supabase project on this machine, and read it back at the end. */
  readonly supabase: boolean
  /** How the video is to be converted. */
  readonly options: ConversionOptions
}

export const usage = `npm run demo [-- <video or https://…> [--out <file.mp4>] [--force]
                [--log bars|lines|json] [--keep] [--supabase]
                [--<option> <value> …]]

Gives a video an AI voice in place of its human one: \`tracks run\`, on nothing
but this machine. Without a video: the bundled sample. No key is needed; with
DEEPGRAM_API_KEY or ELEVENLABS_API_KEY set, these services hear and speak.
--translateTo needs TRANSLATOR_API_KEY and TRANSLATOR_MODEL. The run is written
into .tracks, here: npm run tracks -- show last, why last, resume last.
  --out       the MP4 to write (default: out/<name>.mp4); its subtitles, and a
              report of what was measured of it, are written beside it
  --force     replace what --out names, its .srt and its .report.html, where
              they exist
  --log       how progress is shown (default: bars on a terminal, else lines)
  --keep      keep the files between the steps, which a fork of the run needs;
              where they are is said. Those of a run that failed are kept anyway
  --supabase  log to a Supabase project that is started on this machine
              (PostgreSQL and PostgREST from npm), and show the run as the
              database tells it

Options of the conversion, as in the flow's input:
${optionUsage()}`

const logs = ['auto', 'bars', 'lines', 'json'] as const

/** Reads the command line, where `folder` is where relative paths are meant from. Gives `undefined` for `--help`; throws a `ProgramError` with the usage. */
export function readDemoArguments(args: readonly string[], folder: string): DemoArguments | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        force: { type: 'boolean', default: false },
        log: { type: 'string', default: 'auto' },
        keep: { type: 'boolean', default: false },
        supabase: { type: 'boolean', default: false },
        ...optionFlags,
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) return undefined
    const { out, force, log: _log, keep, supabase, help: _help, ...words } = values
    const options = readConversionOptions(words)
    const log = logs.find((name) => name === values.log)
    if (!log) throw new Error(`--log is one of ${logs.join(', ')}`)
    return { ...placesOf({ videos: positionals, out, force, report: true, folder }), log, keep, supabase, options }
  } catch (error) {
    throw new ProgramError(`${(error as Error).message}\n\n${usage}`, 2)
  }
}
