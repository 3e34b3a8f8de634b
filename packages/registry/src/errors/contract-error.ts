import { redact } from '../redact/redact.ts'
import { nameErrorClass, type ErrorPlace } from './error-facts.ts'
import { TracksError } from './tracks-error.ts'

/** One thing that is wrong with a value: where in it, and what. Never the value itself. */
export interface ContractIssue {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** The data was wrong: an input or an output does not fit its schema. Never retried. */
export class ContractError extends TracksError {
  /** The task (or track, or orchestrator) whose schema refused. */
  readonly taskName: string
  readonly side: 'input' | 'output'
  /** At most the first 100; one more says how many there were. */
  readonly issues: readonly ContractIssue[]

  static {
    nameErrorClass(ContractError, 'ContractError')
  }

  constructor(taskName: string, side: 'input' | 'output', issues: readonly ContractIssue[], place?: ErrorPlace, cause?: unknown) {
    const told = bounded(issues)
    super(`The ${side} of ${taskName} does not fit its contract: ${describe(told)}`, { code: 'contract_violated', retryable: false, place, ...(cause !== undefined && { cause }) })
    this.taskName = taskName
    this.side = side
    this.issues = told
  }
}

const shown = 5
const kept = 100

/** A list of 100,000 wrong items must not make an error that fits into no event. */
function bounded(issues: readonly ContractIssue[]): ContractIssue[] {
  const told = issues.slice(0, kept).map(({ path, message }) => ({ path: path.map((part) => (typeof part === 'number' ? part : redact(part))), message: redact(message) }))
  const rest = issues.length - kept
  if (rest === 1 && issues[kept]!.path.length === 0) told.push({ path: [], message: redact(issues[kept]!.message) }) // what an error that was read back from JSON says
  else if (rest > 0) told.push({ path: [], message: `and ${rest} more` })
  return told
}

function describe(issues: readonly ContractIssue[]): string {
  const lines = issues.slice(0, shown).map(({ path, message }) => `${path.length > 0 ? path.join('.') : '(the whole value)'}: ${message}`)
  if (issues.length > shown) lines.push(`and ${issues.length - shown} more`)
  return lines.join('; ')
}
