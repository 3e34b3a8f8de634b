import { ContractError, DefinitionError, type ContractIssue } from '@track-orchestrator/registry'
import { text, type Rule } from '@track-orchestrator/registry/options'
import type { RunKey } from './history-client.ts'

/** Checks what a caller asks for. Throws `ContractError` naming the method, and each field that is wrong. */
export function checkQuery<Query extends object>(method: string, query: Query, rules: Readonly<Record<keyof Query & string, Rule>>): void {
  const issues: ContractIssue[] = []
  for (const [field, rule] of Object.entries<Rule>(rules)) {
    const value = (query as Readonly<Record<string, unknown>> | undefined)?.[field]
    if (value === undefined && !rule.required) continue
    try {
      rule.check(value, field)
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error
      issues.push({ path: [field], message: error.message.slice(field.length + 1).replace(/\.$/, '') })
    }
  }
  if (issues.length > 0) throw new ContractError(method, 'input', issues)
}

/** Checks which run a caller asks for: an empty id, or none, would quietly find nothing. */
export function checkKey(method: string, key: RunKey): void {
  const id = { ...text(), required: true }
  checkQuery(method, key, { tenantId: id, runId: id })
}
