import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const fromRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

// The type tests mark every line that must be an error: no complaint means that each is one, and no other line is.
const compilers = { '5.9': 'typescript-5.9', '6.0': 'typescript-6.0', '7.0': 'typescript' }
// What people who use the types may have switched on, or not.
const strictness = { 'as strict as here': [], 'merely strict': ['--exactOptionalPropertyTypes', 'false', '--noUncheckedIndexedAccess', 'false'] }

for (const [version, compiler] of Object.entries(compilers)) {
  for (const [how, flags] of Object.entries(strictness)) {
    test(`TypeScript ${version}, ${how}, reports just the mistakes that the type tests mark`, { timeout: 300_000 }, () => {
      const tsc = fromRoot(`node_modules/${compiler}/bin/tsc`)
      const { stdout, stderr, status } = spawnSync(process.execPath, [tsc, '-p', fromRoot('tools/types'), '--pretty', 'false', ...flags], { encoding: 'utf8' })
      expect({ complaints: stdout + stderr, status }).toEqual({ complaints: '', status: 0 })
    })
  }
}
