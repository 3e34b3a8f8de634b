import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const fromRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const folder = fromRoot('tools/types/wrong')

/** What the wrong programs ask for: by file and line, what the first line of the message there must hold. */
const expected = new Map<string, readonly string[]>(
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      readFileSync(`${folder}/${file}`, 'utf8')
        .split('\n')
        .flatMap((line, at) => (line.trim().startsWith('// says: ') ? [[`${file}:${at + 2}`, line.trim().slice('// says: '.length).split(' … ')] as const] : [])),
    ),
)

function holds(message: string, parts: readonly string[]): boolean {
  let from = 0
  return parts.every((part) => {
    const at = message.indexOf(part, from)
    from = at + part.length
    return at >= 0
  })
}

test('the first line of each message names the reason, on the line of the mistake', () => {
  const { stdout } = spawnSync(process.execPath, [fromRoot('node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false'], { encoding: 'utf8' })
  const told = stdout.split('\n').flatMap((line) => {
    const found = /([\w-]+\.ts)\((\d+),\d+\): error TS\d+: (.*)$/.exec(line)
    return found ? [{ place: `${found[1]}:${found[2]}`, message: found[3]! }] : []
  })
  const unlike = told.filter(({ place, message }) => !holds(message, expected.get(place) ?? ['(no mistake is expected here)'])).map(({ place, message }) => ({ place, message, expected: expected.get(place) }))
  const places = new Set<string>(told.map(({ place }) => place))
  expect({ unlike, untold: [...expected.keys()].filter((place) => !places.has(place)) }).toEqual({ unlike: [], untold: [] })
  expect(expected.size).toBeGreaterThan(20)
})
