/** How the command ends, for scripts. */
export const exitCodes = {
  done: 0,
  /** The run, or something that was checked, failed. */
  failed: 1,
  /** It was called wrongly, or the input does not fit. */
  usage: 2,
  /** There is no configuration, or it cannot be loaded. */
  config: 3,
  /** The journal refuses: no such run, another process writes it, it is damaged. */
  journal: 4,
} as const

/** Where in a person's own files an error was thrown, as far as its stack tells: not in Node, nor in a package. */
export function placeIn(error: unknown): string | undefined {
  const places = error instanceof Error ? [...(error.stack ?? '').matchAll(/\n\s+at (?:.*\()?((?:file:\/\/|\/|[A-Z]:\\)[^\n)]+:\d+:\d+)/g)] : []
  return places.map(([, place]) => place!).find((place) => !place.includes('/node_modules/') && !place.includes('\\node_modules\\'))
}

/** Told to the person in a few lines, without a stack. */
export class CommandError extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number = exitCodes.usage, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CommandError'
    this.exitCode = exitCode
  }
}
