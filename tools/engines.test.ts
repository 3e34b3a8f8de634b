import { readFileSync } from 'node:fs'
import { satisfies } from 'semver'
import { expect, test } from 'vitest'
import { root } from './workspace.ts'

interface Locked {
  readonly optional?: boolean
  readonly engines?: { readonly node?: string }
}

/** The oldest and the current ones of each line that the README names; what `npm ci` warns of on them (EBADENGINE), somebody's first minute begins with. */
const versions = ['20.19.0', '20.20.2', '22.12.0', '22.22.0', '24.0.0']

test.each(['package-lock.json', 'release/package-lock.json', 'site/package-lock.json', 'blocks/package-lock.json'])('nothing in %s asks for another Node than 20.19, 22 or 24', (lock) => {
  const { packages } = JSON.parse(readFileSync(new URL(lock, root), 'utf8')) as { packages: Readonly<Record<string, Locked>> }
  const bad = Object.entries(packages).flatMap(([place, { optional, engines }]) => {
    const { node } = engines ?? {}
    return optional || node === undefined ? [] : versions.filter((version) => !satisfies(version, node)).map((version) => `${place} on ${version}: ${node}`)
  })
  expect(bad).toEqual([])
})
