import { createHash } from 'node:crypto'
import { toJSONSchema, type $ZodType } from 'zod/v4/core'
import { canonicalJson } from './json/canonical-json.ts'
import type { TaskContract } from './task-contract.ts'

const known = new WeakMap<object, string>()

/**
 * SHA-256, in hexadecimal, of what a contract says of its task: name, versions, and both schemas as JSON schemas. What a JSON schema cannot say
 * (refinements, transforms) is not in it: a change of those needs another `version`.
 */
export function contractFingerprint(contract: Pick<TaskContract, 'name' | 'version' | 'cache' | 'input' | 'output'>): string {
  const { name, version = null, cache, input, output } = contract
  let fingerprint = known.get(contract)
  if (fingerprint === undefined) {
    const schemas = { input: [schemaOf(input, 'input'), schemaOf(input, 'output')], output: [schemaOf(output, 'input'), schemaOf(output, 'output')] }
    fingerprint = createHash('sha256').update(canonicalJson({ name, version, cacheVersion: cache?.version ?? null, ...schemas })).digest('hex')
    known.set(contract, fingerprint)
  }
  return fingerprint
}

function schemaOf(schema: $ZodType, io: 'input' | 'output'): unknown {
  return toJSONSchema(schema, { io, unrepresentable: 'any' })
}
