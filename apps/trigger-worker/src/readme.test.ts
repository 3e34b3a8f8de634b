import { readFileSync } from 'node:fs'
import { toMermaid } from '@track-orchestrator/core'
import { expect, test } from 'vitest'
import { conversionOptions, optionRows } from './conversion-options.ts'
import { orchestrators, tracks } from './tracks.config.ts'

const root = new URL('../../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const readme = read('README.md')

test('the README shows the flow as it is', () => {
  expect(readme).toContain(toMermaid(orchestrators.VoiceConversion).trim())
})

test('the README shows the smallest track as it is run', () => {
  expect(readme).toContain(read('examples/src/smallest-track.ts').trim())
})

test('the worker\'s README has each option of a conversion as the flow, the demo and the worker have it', async () => {
  const worker = read('apps/trigger-worker/README.md')
  for (const { name, meaning, usually } of optionRows) expect(worker).toContain(`| \`${name}\` | ${meaning} | ${usually} |`)
  expect(optionRows.map(({ name }) => name)).toEqual(Object.keys(conversionOptions))
  const [demo, local] = await Promise.all([import('./demo/arguments.ts'), import('./worker-local/arguments.ts')])
  for (const usage of [demo.usage, local.usage]) for (const { name } of optionRows) expect(usage).toContain(`\n  --${name} `)
})

test('every definition can be had under its own name', () => {
  for (const [name, definition] of Object.entries({ ...tracks, ...orchestrators })) expect(definition.name).toBe(name)
})
