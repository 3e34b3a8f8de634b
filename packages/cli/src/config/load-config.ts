import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { OrchestratorDefinition, TrackDefinition } from '@track-orchestrator/core'
import { createJournal, type Journal } from '@track-orchestrator/core/in-process'
import { TracksError } from '@track-orchestrator/registry'
import { adviceOnName } from '@track-orchestrator/registry/options'
import { createJiti } from 'jiti'
import { CommandError, exitCodes, placeIn } from '../exit.ts'
import { defineConfig, type TracksConfig } from './define-config.ts'

/** A configuration as the commands use it. */
export interface LoadedConfig {
  readonly path: string
  readonly config: TracksConfig
  readonly tracks: readonly TrackDefinition[]
  readonly orchestrators: readonly OrchestratorDefinition[]
  readonly journal: Journal
  /** Where the journal lies, as far as the configuration says. */
  readonly journalFolder?: string
}

const names = ['tracks.config.ts', 'tracks.config.mts', 'tracks.config.js', 'tracks.config.mjs']

/** Finds `tracks.config.ts` in the folder or one above it (or at `path`), and loads it. Throws `CommandError`. */
export async function loadConfig(folder: string, path?: string): Promise<LoadedConfig> {
  const file = path === undefined ? findConfig(folder) : resolve(folder, path)
  if (!existsSync(file)) throw new CommandError(`There is no ${file}.`, exitCodes.config)
  if (statSync(file).isDirectory()) throw new CommandError(`${file} is a folder: name the file in it.`, exitCodes.config)
  readVariables(join(dirname(file), '.env'))
  const given = await defaultOf(file)
  if (given === undefined) throw new CommandError(`${file} has no default export. End it with: export default defineConfig({ … })`, exitCodes.config)
  try {
    const config = defineConfig(given as TracksConfig)
    const { tracks, orchestrators, journal = '.tracks' } = config
    return { path: file, config, tracks: listOf(tracks), orchestrators: listOf(orchestrators), ...(typeof journal === 'string' ? journalIn(resolve(dirname(file), journal)) : { journal }) }
  } catch (error) {
    throw notLoaded(file, error)
  }
}

const journalIn = (folder: string) => ({ journal: createJournal({ folder }), journalFolder: folder })

/** As `trigger dev` does: what is set already stays, and an empty line sets nothing. */
function readVariables(path: string): void {
  if (!existsSync(path)) return
  const before = new Set(Object.keys(process.env))
  try {
    process.loadEnvFile(path)
  } catch (error) {
    throw new CommandError(`${path} cannot be read: ${(error as Error).message}`, exitCodes.config, { cause: error })
  }
  for (const [name, value] of Object.entries(process.env)) if (value === '' && !before.has(name)) delete process.env[name]
}

function findConfig(folder: string): string {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const found = names.map((name) => join(at, name)).find(existsSync)
    if (found !== undefined) return found
    if (dirname(at) === at) throw new CommandError(`There is no tracks.config.ts in ${resolve(folder)} or above it. Write one (its default export is made by defineConfig of @track-orchestrator/cli), or name it with --config.`, exitCodes.config)
  }
}

/** What the file exports, also where that is a promise of it. */
async function defaultOf(file: string): Promise<unknown> {
  const loaded = (await importFile(file)) as { readonly default?: unknown }
  try {
    return await loaded.default
  } catch (error) {
    throw notLoaded(file, error)
  }
}

/** As Node reads it where it can read TypeScript, else by jiti. What the file itself throws is not tried twice. */
async function importFile(file: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(file).href)
  } catch (error) {
    const code = error instanceof Error ? (error as { code?: string }).code : undefined
    if (!['ERR_UNKNOWN_FILE_EXTENSION', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX', 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING', 'ERR_MODULE_NOT_FOUND'].includes(code ?? '') && !(error instanceof SyntaxError)) throw notLoaded(file, error)
    try {
      return await createJiti(import.meta.url).import(file)
    } catch (second) {
      // What Node can read itself, it knows best.
      throw notLoaded(file, error instanceof SyntaxError && !/\.m?ts$/.test(file) ? error : second)
    }
  }
}

/** What the configuration's own code threw, with where that was. `what`: what it was to give; default: itself. */
export function notLoaded(file: string, error: unknown, what?: string): CommandError {
  if (error instanceof CommandError) return error
  const message = (error instanceof Error ? error.message : String(error)).split('\nRequire stack:')[0]!
  const where = TracksError.is(error) ? undefined : placeIn(error)
  return new CommandError(`${file}${what === undefined ? '' : `: its ${what}`} cannot be ${what === undefined ? 'loaded' : 'opened'}: ${message}${where === undefined ? '' : `\n  at ${where}`}`, exitCodes.config, { cause: error })
}

const listOf = <Definition>(given: readonly Definition[] | Readonly<Record<string, Definition>> = []): readonly Definition[] => (Array.isArray(given) ? given : Object.values(given)) as readonly Definition[]

/** The track, orchestrator or task of that name. Throws `CommandError` with the nearest names. */
export function findDefinition({ tracks, orchestrators, config }: LoadedConfig, name: string) {
  const orchestrator = orchestrators.find((known) => known.name === name)
  if (orchestrator) return { kind: 'orchestrator', definition: orchestrator } as const
  const track = tracks.find((known) => known.name === name)
  if (track) return { kind: 'track', definition: track } as const
  if (Object.hasOwn(config.registry, name)) return { kind: 'task', name } as const
  const known = [...orchestrators, ...tracks].map((definition) => definition.name)
  throw new CommandError(`There is no track, orchestrator or task ${JSON.stringify(name)}. ${adviceOnName(name, [...known, ...Object.keys(config.registry)])}`)
}

/** All tracks of definitions, those inside others too. */
export function tracksIn(definitions: readonly (TrackDefinition | OrchestratorDefinition)[]): TrackDefinition[] {
  const all = new Set<TrackDefinition>(definitions.flatMap((definition) => ('tracks' in definition ? definition.tracks : [definition])))
  for (const { tasks, ...track } of all) {
    const inner = [...tasks.flatMap(({ track: own }) => own ?? []), ...('subTracks' in track ? (track.subTracks as readonly TrackDefinition[]) : [])]
    for (const one of inner) all.add(one) // the loop comes to these, too
  }
  return [...all]
}
