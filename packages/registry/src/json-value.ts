import type { ContractError } from './errors/contract-error.ts'
import { DefinitionError } from './errors/definition-error.ts'
import type { Rule } from './options/index.ts'
import { copyJson } from './parse.ts'

/** A value of an option that is written down, or crosses processes: JSON. Copied. */
export const jsonValue: Rule = {
  expects: 'JSON',
  check(value, name) {
    try {
      return copyJson(name, 'input', value)
    } catch (thrown) {
      const [issue] = (thrown as ContractError).issues
      throw new DefinitionError(`${[name, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? (thrown as Error).message}.`)
    }
  },
}
