import { serverVersions } from '../engine/server-version.ts'

const whole = (from: number, to = Number.MAX_SAFE_INTEGER) => (value: unknown) => Number.isInteger(value) && (value as number) >= from && (value as number) <= to
const isRecordOfWholes = (value: unknown) => typeof value === 'object' && value !== null && Object.values(value).every(whole(0))
const isText = (value: unknown) => typeof value === 'string' && value !== ''

/** What an option of `startTriggerDevServer` must be, where it is given, and how a message says so. */
const kinds: readonly (readonly [name: string, fits: (value: unknown) => boolean, what: string])[] = [
  ['port', whole(0, 65_535), 'a whole number from 0 to 65,535'],
  ['maxConcurrentRuns', whole(1), 'a whole number above 0'],
  ['batchItemMs', whole(0), 'a whole number from 0 up'],
  ['batchTokens', (value) => isRecordOfWholes(value) && ['max', 'refill', 'intervalMs'].every((name) => Object.hasOwn(value as object, name)), '{ max, refill, intervalMs }, whole numbers from 0 up'],
  ['stallTimes', isRecordOfWholes, 'milliseconds by the name of a state, whole numbers from 0 up'],
  ['version', (value) => typeof value === 'string' && Object.hasOwn(serverVersions, value), `one of ${Object.keys(serverVersions).join(', ')}`],
  ['host', isText, 'a text'],
  ['stateFile', isText, 'a text'],
]

/** Throws where an option is of the wrong kind: before anything is started. `undefined` is the default. */
export function checkServerOptions(owner: string, options: object): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`${owner} takes an object of options, not ${String(options)}`)
  for (const [name, fits, what] of kinds) {
    const value = (options as Readonly<Record<string, unknown>>)[name]
    if (value !== undefined && !fits(value)) throw new TypeError(`${name} of ${owner} must be ${what}, not ${typeof value === 'number' ? String(value) : JSON.stringify(value)}`)
  }
}
