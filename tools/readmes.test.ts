import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { docsPages, readmePrograms, readmes } from './readme-programs.ts'
import { packageFolders, root } from './workspace.ts'

const run = promisify(execFile)
const folder = new URL('out/readme-programs/', root)
const programs = readmes.flatMap(readmePrograms)
const pages = ['README.md', 'CONTRIBUTING.md', ...docsPages, ...packageFolders.map((path) => `${path}/README.md`), ...packageFolders.map((path) => `${path}/GUARANTEES.md`)].filter((page) => existsSync(new URL(page, root)))

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  programs.forEach(({ source }, index) => writeFileSync(new URL(`program-${index}.ts`, folder), source))
  writeFileSync(new URL('tsconfig.json', folder), JSON.stringify({ extends: '../../tsconfig.base.json', compilerOptions: { noEmit: true }, include: ['*.ts'] }))
  writeFileSync(new URL('package.json', folder), JSON.stringify({ type: 'module' }))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('every program of a README is accepted by the compiler', async () => {
  const tsc = createRequire(import.meta.url).resolve('typescript/package.json').replace(/package\.json$/, 'bin/tsc')
  const { stdout } = await run(process.execPath, [tsc, '-p', '.', '--pretty', 'false'], { cwd: fileURLToPath(folder) }).catch((error: unknown) => error as { stdout: string })
  const named = stdout.replaceAll(/program-(\d+)\.ts/g, (_, index: string) => `${programs[Number(index)]!.place} + `)
  expect(named).toBe('')
})

test.each(pages)('%s: every link into this repository leads somewhere', (page) => {
  const links = [...readFileSync(new URL(page, root), 'utf8').matchAll(/\]\((?!https?:|mailto:)([^)\s#]+)(?:#[^)]*)?\)/g)].map(([, link]) => link!)
  expect(links.filter((link) => !existsSync(new URL(link, new URL(page, root))))).toEqual([])
})
