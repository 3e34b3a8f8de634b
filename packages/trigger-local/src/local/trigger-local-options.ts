import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { checkServerOptions } from '../server/check-server-options.ts'
import type { TriggerDevServerOptions } from '../server/start-trigger-dev-server.ts'

export interface TriggerLocalOptions extends Pick<TriggerDevServerOptions, 'port' | 'version' | 'maxConcurrentRuns' | 'batchItemMs' | 'batchTokens' | 'stallTimes'> {
  /** The folder with `trigger.config.ts`. Default: the working folder. */
  readonly project?: string
  /** Variables for the tasks, beside PATH. */
  readonly env?: Readonly<Record<string, string>>
  /** A file of variables for the tasks, from the project's folder. Default: none, so that tests run alike on every machine. */
  readonly envFile?: string
  /** Each run in a process of its own, as the real command does it unless told otherwise: 2 s a run instead of 0.2. Default: false. */
  readonly freshProcesses?: boolean
  /** How long `trigger dev` may take until it has registered the tasks, in milliseconds. Default: 300,000; half a minute is usual on two busy cores. */
  readonly readyTimeoutMs?: number
}

const names: ReadonlySet<string> = new Set<keyof TriggerLocalOptions>([
  'project', 'env', 'envFile', 'freshProcesses', 'readyTimeoutMs', 'port', 'version', 'maxConcurrentRuns', 'batchItemMs', 'batchTokens', 'stallTimes',
])
/** The names that `trigger dev` looks for. */
const configNames = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map((ending) => `trigger.config.${ending}`)

/** The folder, as a whole path. Throws where it is none of a Trigger.dev project. */
export function projectFolderOf(project = '.'): string {
  const folder = resolve(project)
  if (!configNames.some((name) => existsSync(resolve(folder, name)))) throw new Error(`There is no trigger.config.ts in ${folder}. Name the folder of your Trigger.dev project, or make one of it: npx trigger.dev@latest init`)
  return folder
}

/** Throws where an option is misspelt or of the wrong kind. */
export function checkTriggerLocalOptions(options: TriggerLocalOptions): void {
  checkServerOptions('startTriggerLocal', options)
  const unknown = Object.keys(options).filter((name) => !names.has(name))
  if (unknown.length > 0) throw new TypeError(`Unknown option of startTriggerLocal: ${unknown.join(', ')}. It takes ${[...names].join(', ')}.`)
  const { readyTimeoutMs, project, envFile } = options
  if (readyTimeoutMs !== undefined && !(Number.isInteger(readyTimeoutMs) && readyTimeoutMs > 0)) throw new TypeError(`readyTimeoutMs of startTriggerLocal must be a whole number above 0, not ${String(readyTimeoutMs)}`)
  for (const [name, value] of Object.entries({ project, envFile })) {
    if (value !== undefined && typeof value !== 'string') throw new TypeError(`${name} of startTriggerLocal must be a text, not ${JSON.stringify(value)}`)
  }
}
