import { inspect } from 'node:util'
import { TracksError } from '@track-orchestrator/registry'
import { printable, printableLines } from '@track-orchestrator/core/console'

/** Something that the person who started the program can mend. Its message is all there is to say. */
export class ProgramError extends Error {
  /** 1: the program could not do what it was asked. 2: it was asked wrongly. 3: a variable is malformed. */
  readonly exitCode: 1 | 2 | 3

  constructor(message: string, exitCode: 1 | 2 | 3 = 1) {
    super(message)
    this.name = 'ProgramError'
    this.exitCode = exitCode
  }
}

/**
 * What a person is told of a failure, without anything that a terminal would obey. Bad input and a system that refuses get a sentence,
 * never a stack trace. What is neither is a mistake of ours: there the trace helps.
 */
export function describeFailure(error: unknown): string {
  if (error instanceof ProgramError) return printableLines(error.message)
  const place = TracksError.is(error) ? placeOf(error) : ''
  const full = fullDisk(error)
  if (full) return printable(`${place}The disk is full: ${full}`)
  const system = systemErrorIn(error)
  if (system) return printable(`${place}${describeSystemError(system)}${system.path === undefined ? '' : `: ${system.path}`}`)
  if (TracksError.is(error) && error.code !== 'task_failed') return printable(`${place}${error.message} [${error.code}]`)
  const thrown = TracksError.is(error) && error.cause instanceof Error ? error.cause : error
  return printableLines(`${place}${thrown instanceof Error ? (thrown.stack ?? thrown.message) : typeof thrown === 'string' ? thrown : inspect(thrown)}`)
}

/** An error of the operating system in words: `permission denied (EACCES)`. */
export function describeSystemError({ message, code }: NodeJS.ErrnoException): string {
  return `${/^\w+: (.*?)(?:, \w+.*)?$/s.exec(message)?.[1] ?? message} (${code})`
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && typeof (error as NodeJS.ErrnoException).syscall === 'string'
}

/** The error and what was thrown underneath, as far as it goes. */
function chainOf(error: unknown): Error[] {
  const chain: Error[] = []
  for (let next = error; next instanceof Error && chain.length < 10; next = next.cause) chain.push(next)
  return chain
}

/** Only below an error that nobody has explained: what a task says of its own failure is better. */
function systemErrorIn(error: unknown): NodeJS.ErrnoException | undefined {
  return TracksError.is(error) && error.code !== 'task_failed' ? undefined : chainOf(error).find(isSystemError)
}

/** What says that there is no room: Node's own error, or ffmpeg's words in whatever was made of its failure. */
function fullDisk(error: unknown): string | undefined {
  return chainOf(error).map(({ message }) => message).find((message) => /ENOSPC|EDQUOT|no space left on device|disk quota exceeded/i.test(message))
}

function placeOf({ place: { track, step, item } = {} }: TracksError): string {
  return track === undefined ? '' : `${track}${step === undefined ? '' : ` > ${step}`}${item === undefined ? '' : ` (item ${item})`}: `
}
