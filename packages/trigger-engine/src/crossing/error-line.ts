import type { CostsOfParts } from '@track-orchestrator/core/engine'
import { errorFromJson, type ErrorJson, type TracksError } from '@track-orchestrator/registry'

// Every server keeps an error's name, message and stack, and cuts the message at 1,000 characters, each line of the stack at 1,024,
// and the whole stack at 16,384. So what else an error of ours says stands in one line of its stack, right below the first.

/** How that line begins. A person finds it in the dashboard. */
const mark = 'track-orchestrator: '
const lineLimit = 1_000
const messageLimit = 1_000

/** What the line said. */
export interface ToldError {
  readonly json: ErrorJson
  /** Whether that is all: else the rest stands in the metadata of the run that failed. */
  readonly isWhole: boolean
  /** What the run had paid. Where the line is not whole, that stands in the metadata as well. */
  readonly costs?: CostsOfParts
}

interface Line extends Omit<ErrorJson, 'message'> {
  /** Only where the message beside it is cut, or otherwise not the error's own. */
  readonly message?: string
  readonly more?: true
  readonly costs?: CostsOfParts
}

/** The stack of the error, with the line in it; and whether the line says all that `json` does. `shown`: the message beside it. `costs`: what the run has paid. */
export function stackWithLine(error: TracksError, json: ErrorJson, shown = json.message, costs?: CostsOfParts): { stack: string; isWhole: boolean } {
  const { message, ...rest } = json
  const travels = shown === message && message.length <= messageLimit && !message.includes('\0')
  let line: Line = { ...(travels ? rest : json), ...(costs && { costs }) }
  let text = JSON.stringify(line)
  const isWhole = text.length <= lineLimit
  for (const drop of ['costs', 'items', 'cause', 'message', 'issues', 'fields', 'taskName', 'kind'] as const) {
    if (text.length <= lineLimit) break
    const { [drop]: _dropped, ...smaller } = line
    line = smaller
    text = JSON.stringify({ ...line, more: true })
  }
  return { stack: [headOf(error), mark + text, ...framesOf(error)].join('\n'), isWhole }
}

/** What the line in an error's stack says, if it has one. */
export function readLine({ message, stack }: { readonly message: string; readonly stack: string | undefined }): ToldError | undefined {
  const line = stack?.split('\n', maxLines).find((candidate) => candidate.startsWith(mark))
  if (line === undefined) return undefined
  try {
    const { more, costs, ...json } = JSON.parse(line.slice(mark.length)) as Line
    const read = { message, ...json } as ErrorJson
    errorFromJson(read)
    return { json: read, isWhole: more !== true, ...(costs && { costs }) }
  } catch {
    return undefined
  }
}

/** The line stands second; a worker or server may one day put lines of its own above. */
const maxLines = 10

function headOf({ name, message }: TracksError): string {
  const [first = ''] = message.split('\n', 1)
  return `${name}: ${first}`.slice(0, 200)
}

function framesOf({ stack = '' }: TracksError): string[] {
  return stack.split('\n').filter((line) => /^\s+at /.test(line))
}
