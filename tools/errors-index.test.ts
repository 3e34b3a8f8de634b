import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Literals that look like codes and are none. */
const others = /^(?:(?:audio|video|application|text|image|font|notifications)\/|supabase\/migrations$)/

/** The codes in a source: every `'area/what'`, however it comes to be thrown, and the list that the type of all other codes is. */
function codesIn(text: string): string[] {
  const lines = text.split('\n').filter((line) => !/^\s*(?:import|export) .*from |^\} from |^\s*(?:\*|\/\/)/.test(line))
  return lines.flatMap((line) => [...line.matchAll(/'([a-z-]+\/[a-z_]+)'|^ {2}\| '([a-z_]+)' *(?:\/\/.*)?$/g)].map(([, own, listed]) => own ?? listed!)).filter((found) => !others.test(found))
}

const sources = readdirSync(`${root}/packages`)
  .filter((name) => name !== 'create') // what it lays out is a stranger's project
  .flatMap((name) => readdirSync(`${root}/packages/${name}/src`, { recursive: true, encoding: 'utf8' }).map((file) => `packages/${name}/src/${file}`))
  .filter((file) => file.endsWith('.ts') && !/\.test(?:-d)?\.ts$|\/testing\//.test(file))
const listed = 'packages/registry/src/errors/error-facts.ts'
const thrownIn = new Map(sources.flatMap((file) => codesIn(readFileSync(`${root}/${file}`, 'utf8')).filter((code) => code.includes('/') || file === listed).map((code) => [code, file] as const)))
const errorCodes = new Set(thrownIn.keys())
const indexed = [...readFileSync(`${root}/docs/errors.md`, 'utf8').matchAll(/^\| `([^`]+)` \| (.+) \| (.+) \|$/gm)].map(([, code]) => code!)

test('the index of errors holds every code that the sources throw, once, and no other', () => {
  expect(errorCodes.size).toBeGreaterThan(30)
  const withoutRow = [...thrownIn].filter(([code]) => !indexed.includes(code)).map(([code, file]) => `docs/errors.md has no row for ${code}, of ${file}`)
  const rowOfNothing = indexed.filter((code) => !errorCodes.has(code)).map((code) => `docs/errors.md has a row for ${code}, which no source throws`)
  expect([...withoutRow, ...rowOfNothing]).toEqual([])
  expect(indexed.toSorted()).toEqual([...errorCodes].toSorted())
})
