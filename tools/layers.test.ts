import { expect, test } from 'vitest'
import { packageFolders, readManifest } from './workspace.ts'

/** Which layer may depend on which. An arrow that is missing here may be drawn in no package.json. */
const mayDependOn: Record<string, readonly string[]> = {
  registry: [],
  local: [],
  core: ['registry'],
  engine: ['registry', 'core'],
  log: ['registry', 'core'],
  'task-package': ['registry'],
  viewer: ['registry', 'core'],
  cli: ['registry', 'core', 'engine', 'log', 'viewer'],
  app: ['registry', 'core', 'engine', 'log', 'task-package', 'local', 'cli', 'viewer'],
  bench: ['registry', 'core', 'engine', 'log', 'task-package', 'app', 'local', 'viewer'],
  tools: ['registry', 'core', 'engine', 'log', 'task-package'],
}

const manifests = packageFolders.map(readManifest)
const layerOf = new Map(manifests.map(({ name, nx }) => [name, nx?.tags?.find((tag) => tag.startsWith('layer:'))?.slice('layer:'.length)]))

test.each(manifests)('$name says which layer it belongs to', ({ name }) => {
  const known = Object.keys(mayDependOn)
  expect(known.includes(layerOf.get(name) ?? ''), `${name}: its package.json needs "nx": { "tags": ["layer:<one of ${known.join(', ')}>"] }`).toBe(true)
})

test.each(manifests)('$name depends only on layers below it', ({ name, dependencies, peerDependencies }) => {
  const ours = Object.keys({ ...dependencies, ...peerDependencies }).filter((dependency) => layerOf.has(dependency))
  expect(ours.filter((dependency) => !mayDependOn[layerOf.get(name)!]?.includes(layerOf.get(dependency)!))).toEqual([])
})

test.each(manifests.filter((manifest) => !manifest.private))('$name takes zod, if at all, as a peer: one copy for everybody', ({ dependencies = {} }) => {
  expect(Object.keys(dependencies)).not.toContain('zod')
})
