import { existsSync, readFileSync } from 'node:fs'
import { toMermaid } from '@track-orchestrator/core'
import { expect, test } from 'vitest'
import { conversionOptions, optionRows, translationOptions } from './conversion-options.ts'
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
  expect(optionRows.map(({ name }) => name)).toEqual(Object.keys({ ...conversionOptions, ...translationOptions }))
  const [demo, local] = await Promise.all([import('./demo/arguments.ts'), import('./worker-local/arguments.ts')])
  for (const usage of [demo.usage, local.usage]) for (const { name } of optionRows) expect(usage).toContain(`\n  --${name} `)
})

test('each command, file and variable that the worker\'s README names is there', () => {
  const worker = read('apps/trigger-worker/README.md')
  const namedIn = (text: string, pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, name]) => name!))]
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const commands = namedIn(worker, /npm run ([\w:-]+)/g)
  expect(commands).toContain('worker:deploy')
  expect(commands.filter((name) => !Object.hasOwn(scripts, name))).toEqual([])
  const files = namedIn(worker.slice(worker.indexOf('## What is where')), /`((?:src\/[\w./-]+|trigger\.config\.ts))`/g)
  expect(files.length).toBeGreaterThan(10)
  expect(files.filter((path) => !existsSync(new URL(`apps/trigger-worker/${path}`, root)))).toEqual([])
  const given = namedIn(read('apps/trigger-worker/.env.example'), /^([A-Z_0-9]+)=/gm)
  const named = namedIn(worker, /`([A-Z]+_[A-Z0-9_]+)`/g).filter((name) => !ofOthers.has(name))
  expect(named.filter((name) => !given.includes(name))).toEqual([])
})

/** Variables of the Trigger.dev command, of a backend and of the web app: not the worker's own. */
const ofOthers = new Set(['TRIGGER_ACCESS_TOKEN', 'TRIGGER_SECRET_KEY', 'DEFAULT_ENV_EXECUTION_CONCURRENCY_LIMIT', 'DEFAULT_ORG_EXECUTION_CONCURRENCY_LIMIT'])

test('every definition can be had under its own name', () => {
  for (const [name, definition] of Object.entries({ ...tracks, ...orchestrators })) expect(definition.name).toBe(name)
})
