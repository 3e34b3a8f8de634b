import { readFileSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { speechVariableNames, variableNames } from '../environment.ts'
import { usuallyReadable } from '../local-environment.ts'

type Raw = Readonly<Record<string, string | undefined>>

/** What the person's own variables may say in the demo, too. */
const heard: ReadonlySet<string> = new Set([...speechVariableNames, 'FFMPEG_PATH', 'FFPROBE_PATH'])

/**
 * What the worker's variables are in the demo: files lie on this machine, no history is kept, and no key is used but those of the environment, whatever
 * the worker's `.env` says. `input`: the video, where it is a local file.
 */
export function standIns(input: string | undefined, env: Raw): Readonly<Record<string, string>> {
  const readable = input === undefined || usuallyReadable(env).some((folder) => isWithin(folder, input)) ? '' : dirname(input)
  return { ...Object.fromEntries(variableNames.map((name) => [name, (heard.has(name) && env[name]) || ''])), READABLE_FOLDERS: readable }
}

/** By where its folder really is: links are followed when it is read. */
function isWithin(folder: string, file: string): boolean {
  const path = relative(realOf(folder), realOf(dirname(file)))
  return path === '' || (!isAbsolute(path) && path.split(sep)[0] !== '..')
}

function realOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path // is not there: reading the video says so
  }
}

/** What a person types to have the `tracks` command work on a run of the demo: with the variables before it that it would not find to be the same. */
export function tracksCommand(variables: Readonly<Record<string, string>>, env: Raw): string {
  const found: Raw = { ...variablesOfFile(), ...env }
  const different = Object.entries(variables).filter(([name, value]) => value !== (found[name] ?? ''))
  return [...different.map(([name, value]) => `${name}=${quoted(value)}`), 'npm run tracks --'].join(' ')
}

/** The `.env` that the command reads. */
function variablesOfFile(): Raw {
  try {
    return parseEnv(readFileSync(fileURLToPath(new URL('../../.env', import.meta.url)), 'utf8'))
  } catch {
    return {} // none, or none that can be read, as the command will say
  }
}

const quoted = (value: string): string => (/^[\w./:@%+-]*$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`)
