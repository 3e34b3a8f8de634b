import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { migrationSql } from '@track-orchestrator/supabase-logger'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { printed, publishedFolders, readmePrograms, readmes } from '../tools/readme-programs.ts'
import { templateFiles } from '../packages/trigger-local/src/testing/template-project.ts'
import { withTriggerLocal, writeOrdinaryProject } from './ordinary-project.ts'
import { strangersFiles, strangersTasks } from './ten-tasks.ts'

// What strangers meet: packages as they are published, installed into an empty project.

const exec = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
const names = publishedFolders.map((folder) => folder.replace('packages/', ''))
const project = mkdtempSync(join(tmpdir(), 'track-orchestrator-project-'))
const settings = inject('registrySettings')
let supabase: SupabaseLocal

const run = (command: string, args: string[], cwd = project, env: NodeJS.ProcessEnv = {}) => exec(command, args, { cwd, env: { ...process.env, ...settings, ...env }, maxBuffer: 1e8 })
const installed = (name: string) => join(project, 'node_modules/@track-orchestrator', name)

beforeAll(async () => {
  supabase = await startSupabaseLocal({ migrations: [migrationSql()] })
  await run('npm', ['init', '-y'])
  const peers = ['zod', '@trigger.dev/sdk@4.8.3', 'trigger.dev@4.8.3', '@supabase/supabase-js@2.109.0', '@deepgram/sdk@5', '@deepgram/captions', '@elevenlabs/elevenlabs-js@2', 'ws', 'tsx', 'typescript@5.9', '@types/node@20', '@types/ws']
  await run('npm', ['install', ...names.map((name) => `@track-orchestrator/${name}`), ...peers])
  mkdirSync(join(project, 'videos'))
  copyFileSync(join(root, 'apps/trigger-worker/sample', readdirSync(join(root, 'apps/trigger-worker/sample')).find((file) => file.endsWith('.webm'))!), join(project, 'videos/talk.webm'))
})

afterAll(async () => {
  await supabase?.stop()
  rmSync(project, { recursive: true, force: true })
})

describe.each(names)('%s', (name) => {
  test('holds what is built, its licence and pages whose links lead somewhere, and nothing of this repository', () => {
    const files = readdirSync(installed(name), { recursive: true, encoding: 'utf8' })
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'dist']))
    expect(files.filter((file) => !file.startsWith('dist/templates/') && /\.map$|\.test\.|(?<!\.d)\.ts$/.test(file))).toEqual([])
    const links = [...readFileSync(join(installed(name), 'README.md'), 'utf8').matchAll(/\]\(([^)\s#]+)/g)].map(([, link]) => link!)
    expect(links.filter((link) => !/^https?:|^mailto:/.test(link))).toEqual([])
    const manifest = JSON.parse(readFileSync(join(installed(name), 'package.json'), 'utf8')) as Record<string, unknown>
    expect(Object.keys(manifest)).toEqual(expect.arrayContaining(['description', 'keywords', 'license', 'repository', 'homepage', 'bugs', 'engines', 'sideEffects', 'exports']))
    expect(JSON.stringify(manifest)).not.toMatch(/@track-orchestrator\/source|devDependencies|"scripts"/)
  })

  test('holds a skill for agents, whose name is that of its folder, and the files that it sends them to', () => {
    const skills = readdirSync(join(installed(name), 'skills'))
    expect(skills).toHaveLength(1)
    const skill = readFileSync(join(installed(name), 'skills', skills[0]!, 'SKILL.md'), 'utf8')
    expect(/^---\nname: ([a-z0-9-]{1,64})\ndescription: .{40,1024}\n---\n/.exec(skill)?.[1]).toBe(skills[0])
    const files = [...skill.matchAll(/`((?:docs\/[\w/.-]+|[A-Z]+\.md))`/g)].map(([, file]) => file!)
    expect(files.filter((file) => !existsSync(join(installed(name), file)))).toEqual([])
    const entries = [...skill.matchAll(/`(\.\/[a-z0-9-]+)`/g)].map(([, entry]) => entry!)
    const { exports } = JSON.parse(readFileSync(join(installed(name), 'package.json'), 'utf8')) as { exports: object }
    expect(entries.filter((entry) => !Object.hasOwn(exports, entry))).toEqual([])
  })

  test('is there for import, for require, and where the condition of this repository is set', async () => {
    const entry = `@track-orchestrator/${name}`
    writeFileSync(join(project, 'import.mjs'), `const all = await import('${entry}'); console.log(Object.keys(all).length > 0)`)
    writeFileSync(join(project, 'require.cjs'), `console.log(Object.keys(require('${entry}')).length > 0)`)
    for (const args of [['import.mjs'], ['require.cjs'], ['--conditions=@track-orchestrator/source', 'import.mjs']]) expect((await run(process.execPath, args)).stdout).toBe('true\n')
  })
})

describe('the programs of the READMEs', () => {
  const programs = readmes.flatMap(readmePrograms)
  const env = () => ({ SUPABASE_URL: supabase.url, SUPABASE_SECRET_KEY: supabase.secretKey, DEEPGRAM_API_KEY: 'none', ELEVENLABS_API_KEY: 'none', FORCE_COLOR: '0' })

  test('compile as TypeScript 5.9, strictly, with the declarations that are shipped', async () => {
    mkdirSync(join(project, 'compiled'), { recursive: true })
    programs.forEach(({ source }, index) => writeFileSync(join(project, `compiled/program-${index}.mts`), source))
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: { module: 'nodenext', target: 'es2022', lib: ['es2023'], strict: true, noEmit: true, types: ['node'], skipLibCheck: true }, include: ['compiled'] }))
    const { stdout } = await run('npx', ['tsc', '--pretty', 'false']).catch((error: unknown) => error as { stdout: string })
    expect(stdout.replaceAll(/program-(\d+)\.mts/g, (_, index: string) => `${programs[Number(index)]!.place} + `)).toBe('')
  })

  test.each(programs)('$place runs as it stands', async (program) => {
    writeFileSync(join(project, 'program.mts'), program.source)
    const { stdout } = await run(process.execPath, ['--import', 'tsx', 'program.mts'], project, env())
    expect(stdout).toContain(printed(program) ?? '')
  })

  test('run as JavaScript too, in a project as `npm init` makes it', async () => {
    const [first] = readmePrograms('README.md')
    writeFileSync(join(project, 'first.ts'), first!.source)
    await run('npx', ['esbuild', 'first.ts', '--outfile=index.mjs', '--format=esm', '--target=node20'])
    expect((await run(process.execPath, ['index.mjs'])).stdout).toContain(printed(first!)!)
  })
})

describe('ten things that a stranger is asked to do: what is wrong at first is said, and what is said is enough', () => {
  const folder = join(project, 'stranger')
  beforeAll(() => {
    mkdirSync(join(folder, 'videos'), { recursive: true })
    copyFileSync(join(project, 'videos/talk.webm'), join(folder, 'videos/talk.webm'))
    for (const [name, text] of Object.entries(strangersFiles)) writeFileSync(join(folder, name), text)
  })
  const attempt = async (what: string | readonly string[], env: NodeJS.ProcessEnv = {}) => {
    if (typeof what === 'string') writeFileSync(join(folder, 'program.mts'), what)
    const { stdout, stderr } = await run(process.execPath, typeof what === 'string' ? ['--import', 'tsx', 'program.mts'] : [join(project, 'node_modules/.bin/tracks'), ...what], folder, env).catch((error: unknown) => error as { stdout: string; stderr: string })
    return `${stdout}${stderr}`
  }

  test.each(strangersTasks)('$asked', async ({ env, first, told, next, done }) => {
    expect(await attempt(first, env)).toMatch(told)
    expect(await attempt(next)).toMatch(done)
  })
})

test('the kits for tests are there without vitest; only their suites need it, and say so', async () => {
  expect(existsSync(join(project, 'node_modules/vitest'))).toBe(false)
  writeFileSync(join(project, 'kits.mjs'), `
    import { engineSuite, runLogSuite, testTrack } from '@track-orchestrator/core/testing'
    import { storageSuite } from '@track-orchestrator/media-tasks/testing'
    import { createTestContext, taskSuite } from '@track-orchestrator/registry/testing'
    console.log(createTestContext().attempt, typeof testTrack)
    for (const suite of [engineSuite, runLogSuite, storageSuite, taskSuite]) {
      try { suite({}) } catch (error) { console.log(error.message) }
    }`)
  const needs = ['engineSuite', 'runLogSuite', 'storageSuite', 'taskSuite'].map((name) => `${name} needs vitest, which is not installed. Run: npm install --save-dev vitest\n`)
  expect((await run(process.execPath, ['kits.mjs'])).stdout).toBe(`1 function\n${needs.join('')}`)
})

describe('`npm create @track-orchestrator`', () => {
  const create = (name: string, template: string) => run('npm', ['create', '--yes', '@track-orchestrator@latest', name, '--', '--template', template])

  test('lays out the media flows, which give a video another voice', async () => {
    await create('voices', 'media')
    const worker = join(project, 'voices')
    await run('npm', ['install'], worker)
    await run('npm', ['test'], worker)
    const transcript = readdirSync(join(root, 'apps/trigger-worker/sample')).find((file) => file.endsWith('.deepgram.json'))!
    copyFileSync(join(root, 'apps/trigger-worker/sample', transcript), join(project, 'videos/talk.deepgram.json'))
    const { stdout } = await run('npm', ['start', '--', join(project, 'videos/talk.webm')], worker)
    expect(existsSync(stdout.trim().split('\n').at(-1)!)).toBe(true)
  })
})

test('the tracks command reads a configuration in TypeScript, and runs what is in it', async () => {
  const [config] = readmePrograms('packages/cli/README.md')
  writeFileSync(join(project, 'tracks.config.ts'), config!.source)
  const { stdout } = await run('npx', ['tracks', 'run', 'WordCount', 'text=to be or not', '--json'])
  expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({ type: 'result', status: 'succeeded', output: { words: 4 } })
})

test('`tracks view` has its page with it: it writes a run as one file', async () => {
  await run('npx', ['tracks', 'view', 'last', '--export', 'run.html'])
  expect(readFileSync(join(project, 'run.html'), 'utf8')).toMatch(/^<!doctype html>[^]*id="exported-run"/)
})

describe('an ordinary Trigger.dev project, without tracks', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ordinary-'))

  beforeAll(async () => {
    writeOrdinaryProject(folder, templateFiles, join(root, 'packages/trigger-local/README.md'))
    await run('npm', ['install', '@trigger.dev/sdk@4.8.3'], folder)
    await run('npm', ['install', '--save-dev', '@track-orchestrator/trigger-local', 'trigger.dev@4.8.3', 'vitest@4'], folder)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('runs its task by one command', async () => {
    const { code, printed: said } = await withTriggerLocal(folder, { ...process.env, ...settings }, async () => {
      const { stdout } = await run('npx', ['trigger-local', 'run', 'hello-world', 'name=you', '--wait'], folder)
      expect(JSON.parse(stdout)).toEqual({ message: 'Hello, you!' })
    })
    expect({ code, said }).toEqual({ code: 0, said: expect.stringMatching(/its runs at\n {2}http:\/\/127\.0\.0\.1:\d+\/#tr_dev_/) as string })
  })

  test('tests it by one command, as the README has it', async () => {
    await run('npx', ['vitest', 'run', '--reporter=json', '--outputFile=tests.json'], folder)
    expect(JSON.parse(readFileSync(join(folder, 'tests.json'), 'utf8'))).toMatchObject({ success: true, numPassedTests: 20 })
  })
})

test('publishing again changes nothing: every version is there', async () => {
  const { stdout } = await run('npx', ['changeset', 'publish', '--no-git-tag'], root)
  expect(stdout).not.toContain('packages published successfully')
})

test('`npm pack` in the folder of a package says what to do instead', async () => {
  await expect(run('npm', ['pack', '--dry-run'], join(root, 'packages/core'))).rejects.toMatchObject({ stderr: expect.stringContaining('This folder is not what is published.') as unknown })
})

test('a release begins from a committed tree only', async () => {
  const clone = join(project, 'clone')
  mkdirSync(join(clone, 'tools'), { recursive: true })
  copyFileSync(join(root, 'tools/release.mjs'), join(clone, 'tools/release.mjs'))
  await run('git', ['init', '-q'], clone)
  await expect(run(process.execPath, ['tools/release.mjs'], clone)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('Commit them, or put them aside.') as unknown })
  expect(existsSync(join(clone, 'packages'))).toBe(false)
})
