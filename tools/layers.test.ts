import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** Which layer may depend on which. An arrow that is missing here may be drawn in no package.json. */
const mayDependOn: Record<string, readonly string[]> = {
  registry: [],
  core: ['registry'],
  engine: ['registry', 'core'],
  log: ['registry', 'core'],
  'task-package': ['registry'],
  app: ['registry', 'core', 'engine', 'log', 'task-package'],
  bench: ['registry', 'core', 'engine', 'log', 'task-package', 'app'],
  tools: ['registry', 'core', 'engine', 'log', 'task-package'],
}

interface Manifest {
  name: string
  private?: boolean
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  nx?: { tags?: string[] }
}

const root = new URL('..', import.meta.url)
const read = (folder: string): Manifest => JSON.parse(readFileSync(new URL(`${folder}/package.json`, root), 'utf8')) as Manifest
const foldersIn = (folder: string) =>
  readdirSync(new URL(folder, root)).map((name) => `${folder}/${name}`).filter((path) => existsSync(new URL(`${path}/package.json`, root)))
const manifests = ['examples', 'bench', 'tools', ...foldersIn('packages'), ...foldersIn('apps'), ...foldersIn('tools')].map(read)
const layerOf = new Map(manifests.map(({ name, nx }) => [name, nx?.tags?.find((tag) => tag.startsWith('layer:'))?.slice('layer:'.length)]))

test.each(manifests)('$name says which layer it belongs to', ({ name }) => {
  expect(Object.keys(mayDependOn)).toContain(layerOf.get(name))
})

test.each(manifests)('$name depends only on layers below it', ({ name, dependencies, peerDependencies }) => {
  const ours = Object.keys({ ...dependencies, ...peerDependencies }).filter((dependency) => layerOf.has(dependency))
  expect(ours.filter((dependency) => !mayDependOn[layerOf.get(name)!]?.includes(layerOf.get(dependency)!))).toEqual([])
})

test.each(manifests.filter((manifest) => !manifest.private))('$name takes zod, if at all, as a peer: one copy for everybody', ({ dependencies = {} }) => {
  expect(Object.keys(dependencies)).not.toContain('zod')
})
