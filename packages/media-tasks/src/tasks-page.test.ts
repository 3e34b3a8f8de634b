import { tasks } from '@track-orchestrator/registry/media'
import { expect, test } from 'vitest'
import { toJSONSchema, type ZodType } from 'zod'

// `TASKS.md` is what the contracts say. Write it anew with `npx vitest run --root packages/media-tasks tasks-page -u`.

interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly format?: string
  readonly pattern?: string
  readonly [limit: string]: unknown
}

const schemaOf = (schema: unknown, io: 'input' | 'output') => toJSONSchema(schema as ZodType, { io, unrepresentable: 'any', reused: 'inline' }) as Schema
const grouped = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 6 })

/** A range: `1-10`, `from 1`, `up to 10`, with the words for a bound that is not part of it. Bounds that any whole number has are left out. */
function range(from: unknown, to: unknown, above?: unknown): string {
  const low = typeof from === 'number' && Math.abs(from) !== Number.MAX_SAFE_INTEGER ? from : undefined
  const high = typeof to === 'number' && to !== Number.MAX_SAFE_INTEGER ? to : undefined
  if (typeof above === 'number') return ` above ${grouped(above)}${high === undefined ? '' : `, up to ${grouped(high)}`}`
  if (low !== undefined && high !== undefined) return ` ${grouped(low)} to ${grouped(high)}`
  if (low !== undefined) return ` from ${grouped(low)}`
  return high === undefined ? '' : ` up to ${grouped(high)}`
}

/** The kind of a value, and its limits, in a few words. */
function kind(schema: Schema): string {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return [...new Set(choices.map(kind))].join(' or ')
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(', ')
  if ('const' in schema) return JSON.stringify(schema.const)
  switch (schema.type) {
    case 'array': {
      const count = range(schema['minItems'], schema['maxItems'])
      return `list of ${kind(schema.items ?? {})}${count && ` (${count.trim()} of them)`}`
    }
    case 'object':
      return schema.properties ? `{ ${fields(schema).join('; ')} }` : 'object'
    case 'string': {
      const length = range(schema['minLength'], schema['maxLength'])
      return `text${length && ` (${length.trim()} characters)`}`
    }
    case 'integer':
      return `whole number${range(schema['minimum'], schema['maximum'], schema['exclusiveMinimum'])}`
    case 'number':
      return `number${range(schema['minimum'], schema['maximum'], schema['exclusiveMinimum'])}`
    case 'boolean':
      return 'true or false'
    case 'null':
      return 'null'
    default:
      return 'anything'
  }
}

const fields = ({ properties = {}, required = [] }: Schema, io: 'input' | 'output' = 'output') =>
  Object.entries(properties).map(([name, schema]) => `${name}${io === 'output' && !required.includes(name) ? '?' : ''}: ${kind(schema)}`)

function rows(schema: Schema): string[] {
  const { properties = {}, required = [] } = schema
  return Object.entries(properties).map(([name, field]) => {
    const standing = required.includes(name) ? 'required' : 'default' in field ? `\`${JSON.stringify(field.default)}\`` : '-'
    return `| \`${name}\` | ${kind(field).replaceAll('|', '\\|')} | ${standing} |`
  })
}

function section([name, { description, input, output, timeoutMs }]: (typeof contracts)[number]): string {
  const limit = timeoutMs === undefined ? '' : ` An attempt may take ${grouped(timeoutMs / 60_000)} min.`
  return [
    `## ${name}`,
    '',
    `${description}${limit}`,
    '',
    '| takes | which is | default |',
    '| --- | --- | --- |',
    ...rows(schemaOf(input, 'input')),
    '',
    'Hands on:',
    '',
    ...fields(schemaOf(output, 'output')).map((field) => `- \`${field}\``),
    '',
  ].join('\n')
}

const contracts = Object.entries(tasks)

test('TASKS.md is what the contracts say: inputs, defaults, limits and outputs of every task', async () => {
  const page = [
    '# The media tasks',
    '',
    `What each of the ${contracts.length} contracts of \`@track-orchestrator/registry/media\` takes and hands on. This page is made from the contracts. A task also takes`,
    '`tenantId` and `projectId`, and may be given `userId` and `trampData`.',
    '',
    ...contracts.map(section),
  ].join('\n')
  expect(contracts.length).toBeGreaterThan(14)
  await expect(page).toMatchFileSnapshot('../TASKS.md')
})
