import { TracksError, type ErrorPlace } from './tracks-error.ts'

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
  readonly issues: readonly ContractIssue[]

  constructor(taskName: string, side: 'input' | 'output', issues: readonly ContractIssue[], place?: ErrorPlace) {
    super(`The ${side} of ${taskName} does not fit its contract: ${describe(issues)}`, {
      code: 'contract_violated',
      retryable: false,
      place,
    })
    this.name = 'ContractError'
    this.taskName = taskName
    this.side = side
    this.issues = issues
  }
}

const shown = 5

function describe(issues: readonly ContractIssue[]): string {
  const lines = issues.slice(0, shown).map(({ path, message }) => `${path.length > 0 ? path.join('.') : '(the whole value)'}: ${message}`)
  if (issues.length > shown) lines.push(`and ${issues.length - shown} more`)
  return lines.join('; ')
}
