import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { circlesOf, roomsOf, type Arrow } from './structure.ts'
import { packageFolders, root } from './workspace.ts'

const rootPath = fileURLToPath(root)
const mostLines = 250
/** Of a module: `from '…'`, `import '…'` and `import('…')`, types alone included. */
const imports = /\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g
const isTest = (file: string) => /\.test(-d)?\.ts$/.test(file)

const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'], { cwd: rootPath, encoding: 'utf8', maxBuffer: 64 * 1_024 ** 2 })
const texts = new Map(listed.split('\n').filter((file) => /\.(tsx?|mjs|js)$/.test(file)).flatMap((file) => textOf(file)))

/** Of a file that was deleted and is still listed: none. */
function textOf(file: string): [string, string][] {
  try {
    return [[file, readFileSync(join(rootPath, file), 'utf8')]]
  } catch {
    return []
  }
}

/** What imports what, of files that are no tests: those may use whatever they test. */
const arrows: Arrow[] = [...texts].filter(([file]) => !isTest(file)).flatMap(([file, text]) =>
  [...text.matchAll(imports)].map(([, specifier = '']): Arrow => [file, relative(rootPath, resolve(rootPath, dirname(file), specifier))]).filter(([, to]) => texts.has(to)),
)

test('no file is longer than a person reads at once: 250 lines', () => {
  const long = [...texts].map(([file, text]) => ({ file, lines: text.split('\n').length - 1 })).filter(({ lines }) => lines > mostLines)
  expect(long, 'what is its second subject?').toEqual([])
})

/** What waits for something gives up after a second by itself, and a number of one's own is soon too small: CI's machine, and a busy one, take their time. */
const leastMs = 120_000
/** The option of a test or of `expect.poll`, and the number behind a test or a hook. */
const ownTimes = /\{ timeout: ?([\d_]+)|^ *\}, ([\d_]+)\)$/gm

test('no test has less time than all tests have, and none waits for a second alone, as vi.waitFor does: expect.poll waits as vitest.shared.ts says', () => {
  const hasty = [...texts].filter(([file]) => /(?:\.test|-tests|-suite)\.ts$/.test(file) && !/^(?:blocks|packages\/create\/templates)\//.test(file)).flatMap(([file, text]) => {
    const times = [...text.matchAll(ownTimes)].map(([, option, last]) => Number((option ?? last!).replaceAll('_', ''))).filter((ms) => ms > 4_000 && ms < leastMs)
    const waits = text.split(/vi\.wait(?:For|Until)\(/).slice(1).filter((call) => !call.slice(0, 500).includes('timeout:'))
    return times.length + waits.length > 0 ? [file] : []
  })
  expect(hasty).toEqual([])
})

test('the arrows are found, those of types included', () => {
  expect(arrows.length).toBeGreaterThan(1_000)
  expect(arrows).toContainEqual(['packages/core/src/run/walk.ts', 'packages/core/src/engine/engine.ts'])
})

describe.each(packageFolders.filter((folder) => folder !== 'tools'))('%s', (folder) => {
  const inside = arrows.filter(([from, to]) => [from, to].every((file) => file.startsWith(`${folder}/`)))

  test('no files import each other in a circle', () => {
    expect(circlesOf(inside)).toEqual([])
  })

  test('no folders do either, nor a folder and the files beside it', () => {
    const rooms = roomsOf(inside)
    expect(rooms.flatMap((room) => circlesOf(room))).toEqual([])
  })
})

describe('a circle is found', () => {
  test('of files, however long it is, and whatever else hangs on it', () => {
    expect(circlesOf([['a', 'b'], ['b', 'c'], ['c', 'a'], ['d', 'a'], ['c', 'e']])).toEqual([['a', 'b', 'c']])
    expect(circlesOf([['a', 'b'], ['a', 'c'], ['b', 'd'], ['c', 'd']])).toEqual([])
  })

  test('of a folder and a file beside it, of folders in a folder, and not of what is only on the way to another', () => {
    const circles = (found: Arrow[]) => roomsOf(found).flatMap((room) => circlesOf(room))
    expect(circles([['src/parse.ts', 'src/schema/a.ts'], ['src/schema/b.ts', 'src/parse.ts']])).toEqual([['src/parse.ts', 'src/schema/']])
    expect(circles([['src/in/x/a.ts', 'src/in/y/a.ts'], ['src/in/y/b.ts', 'src/in/x/b.ts']])).toEqual([['src/in/x/', 'src/in/y/']])
    expect(circles([['src/x/a.ts', 'src/y/a.ts'], ['src/index.ts', 'src/x/a.ts'], ['src/y/a.ts', 'src/words.ts']])).toEqual([])
  })
})
