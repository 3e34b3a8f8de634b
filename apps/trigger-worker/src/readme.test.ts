import { readFileSync } from 'node:fs'
import { toMermaid } from '@track-orchestrator/core'
import { expect, test } from 'vitest'
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

test('every definition can be had under its own name', () => {
  for (const [name, definition] of Object.entries({ ...tracks, ...orchestrators })) expect(definition.name).toBe(name)
})
