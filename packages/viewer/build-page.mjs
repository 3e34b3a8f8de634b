// Builds the page into dist/page. Processes that do so at the same time (tests of two packages) build aside, and put whole files in place.
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

// As it is published, also where tests build it: their NODE_ENV would make it another, bigger one.
process.env.NODE_ENV = 'production'

const root = fileURLToPath(new URL('page', import.meta.url))
const dist = fileURLToPath(new URL('dist', import.meta.url))
mkdirSync(join(dist, 'page'), { recursive: true })
const aside = mkdtempSync(join(dist, '.page-'))
try {
  await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn', build: { outDir: aside, emptyOutDir: false } })
  for (const name of readdirSync(aside)) renameSync(join(aside, name), join(dist, 'page', name))
} finally {
  rmSync(aside, { recursive: true, force: true })
}
