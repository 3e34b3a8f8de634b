import { redact, TracksError, type ContractIssue, type ErrorJson } from '@track-orchestrator/registry'
import { printable } from '@track-orchestrator/core/console'
import { CommandError, exitCodes, placeIn } from './exit.ts'

/** A word may be this long, such as the path of a file. */
const longestWord = 400

/** What was said is repeated in a message, but a page of it would hide the rest. */
export const withShortWords = (text: string): string => text.replaceAll(/\S+/g, (word) => (word.length > longestWord ? `${word.slice(0, 60)}… (${word.length} characters)` : word))

/** What went wrong, in a few lines for a person, and the code to end with. */
export function describeFailure(error: unknown): { readonly message: string; readonly exitCode: number } {
  const { message, exitCode } = failureOf(error)
  return { message: withShortWords(message), exitCode }
}

function failureOf(error: unknown): { readonly message: string; readonly exitCode: number } {
  if (error instanceof CommandError) return { message: redact(error.message), exitCode: error.exitCode }
  // What the system refuses is said in its words: a trace would help nobody.
  if (isSystemError(error)) return { message: redact(error.message), exitCode: exitCodes.failed }
  if (!TracksError.is(error)) {
    const place = placeIn(error)
    return { message: redact(`${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}${place === undefined ? '' : `\n  at ${place}`}`), exitCode: exitCodes.failed }
  }
  const message = issueLines(error) ?? printable(redact(error.message))
  if (error.code.startsWith('journal/') || error.code.startsWith('approval/') || error.code === 'client/not_found' || error.code === 'client/other_run') return { message, exitCode: exitCodes.journal }
  if (error.code === 'client/not_configured' || error.code === 'client/unauthorized') return { message, exitCode: exitCodes.config }
  return { message, exitCode: error.code === 'definition_invalid' || error.code === 'contract_violated' ? exitCodes.usage : exitCodes.failed }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error
}

/** An input that does not fit: a line for each place. */
export function issueLines(error: Pick<ErrorJson, 'message'> & { readonly issues?: readonly ContractIssue[] | undefined }): string | undefined {
  const { issues } = error
  if (!issues || issues.length === 0) return undefined
  return ['The input does not fit:', ...issues.map(({ path, message }) => `  ${pathText(path)}: ${printable(redact(message))}`)].join('\n')
}

/** A place in a value: `lines[0].sku`. */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`), '') || '(the whole)'
}
