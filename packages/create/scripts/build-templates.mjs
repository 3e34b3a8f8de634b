// Lays the templates into dist/templates: `plain` as it stands, `media` made of apps/trigger-worker, so that the worker that is tested here
// and the one that strangers get are the same. Versions are those of the workspace.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const here = fileURLToPath(new URL('../', import.meta.url))
const app = join(root, 'apps/trigger-worker')
const out = process.argv[2] ?? join(here, 'dist/templates')
const read = (file) => readFileSync(file, 'utf8')
const readJson = (file) => JSON.parse(read(file))

const ours = Object.fromEntries(readdirSync(join(root, 'packages')).map((name) => readJson(join(root, 'packages', name, 'package.json'))).map(({ name, version }) => [name, `^${version}`]))
const pinned = { ...readJson(join(root, 'package.json')).devDependencies, ...readJson(join(app, 'package.json')).devDependencies, ...readJson(join(app, 'package.json')).dependencies }
// Trigger.dev's packages and command must be of one version.
// supabase-js from 2.110 on needs Node 22.
const rangeOf = (name) => {
  const range = ours[name] ?? (/^@?trigger\.dev/.test(name) ? pinned[name] : `${name === '@supabase/supabase-js' ? '~' : '^'}${pinned[name]}`)
  if (/undefined/.test(range ?? 'undefined')) throw new Error(`${name}: no version of it stands in the workspace`)
  return range
}

rmSync(out, { recursive: true, force: true })
for (const template of ['plain', 'media']) {
  cpSync(join(here, 'templates', template), join(out, template), { recursive: true })
  const manifest = join(out, template, '_package.json')
  const { dependencies, devDependencies, ...rest } = readJson(manifest)
  const withVersions = (names) => Object.fromEntries(Object.keys(names).map((name) => [name, rangeOf(name)]))
  writeFileSync(manifest, `${JSON.stringify({ ...rest, dependencies: withVersions(dependencies), devDependencies: withVersions(devDependencies) }, undefined, 2)}\n`)
}

const media = join(out, 'media')
for (const part of ['tracks', 'orchestrators', 'trigger', 'build']) cpSync(join(app, 'src', part), join(media, 'src', part), { recursive: true, filter: (file) => !file.endsWith('.test.ts') })
for (const file of ['checks.ts', 'conversion-options.ts', 'environment.ts', 'payload-store.ts', 'local-environment.ts', 'registry.ts', 'tracks.config.ts', 'worker-tools.ts', 'local-runner.ts']) {
  mkdirSync(join(media, 'src'), { recursive: true })
  writeFileSync(join(media, 'src', file), read(join(app, 'src', file)).replaceAll('apps/trigger-worker/.env.example', '.env.example'))
}
const config = read(join(app, 'trigger.config.ts'))
const sourceCondition = /^ *conditions: \['@track-orchestrator\/source'\],\n/m
if (!sourceCondition.test(config)) throw new Error('trigger.config.ts of the worker no longer names the source condition as it did: change scripts/build-templates.mjs')
writeFileSync(join(media, 'trigger.config.ts'), config.replace(sourceCondition, ''))
writeFileSync(join(media, 'tracks.config.ts'), read(join(app, 'tracks.config.ts')).replace('`npm run tracks -- list`', '`npx tracks list`'))
/** What the worker here calls by the scripts of this repository has names of its own in a project. */
const namesThere = [
  ['`npm run worker:dev` and `worker:deploy`', '`npm start`, `npx tracks`, `npm run dev` and `npm run deploy`'],
  ['worker:local and worker:build need none', '`npm run local` needs none'],
  ['its migrations are in packages/supabase-logger', '`npx supabase-logger init` lays its migrations into your project'],
  ['; see "How many slots" in README.md before you raise it', ': each holds a slot of your plan while it goes on'],
]
const variables = namesThere.reduce((text, [said, instead]) => {
  if (!text.includes(said)) throw new Error(`.env.example of the worker no longer says ${JSON.stringify(said)}: change scripts/build-templates.mjs`)
  return text.replace(said, instead)
}, read(join(app, '.env.example')))
writeFileSync(join(media, '_env.example'), variables)
