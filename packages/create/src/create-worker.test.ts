import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorker, templates, type TemplateName } from './create-worker.ts'

// Within the repository, so that what is laid out finds the packages of the workspace. The release is tried with those of a registry.
const exec = promisify(execFile)
const here = fileURLToPath(new URL('..', import.meta.url))
let folder: string
let templatesFolder: string

beforeAll(async () => {
  mkdirSync(join(here, 'out'), { recursive: true })
  folder = mkdtempSync(join(here, 'out/created-'))
  templatesFolder = join(folder, 'templates')
  await exec(process.execPath, [join(here, 'scripts/build-templates.mjs'), templatesFolder])
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(Object.keys(templates) as TemplateName[])('the template %s is a project that compiles, under the name of its folder', async (template) => {
  const made = createWorker({ folder: join(folder, `My ${template}_worker`), template, templatesFolder })
  expect(made.name).toBe(`my-${template}-worker`)
  const manifest = JSON.parse(readFileSync(join(made.folder, 'package.json'), 'utf8')) as { name: string; dependencies: Record<string, string> }
  expect(manifest.name).toBe(made.name)
  expect(Object.values(manifest.dependencies).filter((range) => !/^[\^~]?\d+\.\d+\.\d+/.test(range))).toEqual([])
  for (const file of ['.gitignore', '.env.example', 'trigger.config.ts', 'README.md']) expect(existsSync(join(made.folder, file)), file).toBe(true)
  expect(readFileSync(join(made.folder, 'README.md'), 'utf8')).toContain(`# ${made.name}\n`)
  const tsc = createRequire(import.meta.url).resolve('typescript/package.json').replace(/package\.json$/, 'bin/tsc')
  const { stdout } = await exec(process.execPath, [tsc, '-p', made.folder, '--customConditions', '@track-orchestrator/source', '--pretty', 'false']).catch((error: unknown) => error as { stdout: string })
  expect(stdout).toBe('')
})

test('nothing that is there is overwritten: a folder that holds something is refused, and so is a file', () => {
  const place = join(folder, 'taken')
  mkdirSync(place)
  writeFileSync(join(place, 'notes.txt'), 'mine')
  expect(() => createWorker({ folder: place, templatesFolder })).toThrow(/is not empty, and nothing in it is overwritten/)
  expect(() => createWorker({ folder: join(place, 'notes.txt'), templatesFolder })).toThrow(/is a file/)
  expect(readFileSync(join(place, 'notes.txt'), 'utf8')).toBe('mine')
})

test('no folder is taken for the one that one is in, and a link that leads nowhere is none', () => {
  for (const none of ['', ' ', undefined as never]) expect(() => createWorker({ folder: none, templatesFolder })).toThrow('Which folder?')
  symlinkSync(join(folder, 'nowhere'), join(folder, 'link'))
  expect(() => createWorker({ folder: join(folder, 'link'), templatesFolder })).toThrow('is a link that leads nowhere')
})

test.each(['Ünï', '.hidden', 'a/node_modules', '-x', 'what?'])('a folder called %j, which cannot be the name of a package, is refused before anything is made', (name) => {
  expect(() => createWorker({ folder: join(folder, 'names', name), templatesFolder })).toThrow(/cannot be the name of a package/)
  expect(existsSync(join(folder, 'names'))).toBe(false)
})

test.runIf(process.platform === 'linux')('where nobody can make a folder, that is said at once', () => {
  expect(() => createWorker({ folder: '/proc/deeper/worker', templatesFolder })).toThrow('ENOENT')
})

test('a template that is not there is refused, with those that are', () => {
  expect(() => createWorker({ folder: join(folder, 'other'), template: 'constructor' as TemplateName, templatesFolder })).toThrow(/choose plain or media/)
})
