import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { startTriggerDevServer, triggerAndWait } from '@track-orchestrator/trigger-local'
import { afterAll, expect, inject, test } from 'vitest'
import { openTerminal, shellBlocks } from './terminal.ts'

// What the pages tell a newcomer to type, typed as it stands, in the pages' order. Where they name the repository's address, git is told to
// take it from here, and where they name the registry, packages come from one on this machine.

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'newcomer-'))
const fromHere = { GIT_CONFIG_COUNT: '2', GIT_CONFIG_KEY_0: `url.${root}.insteadOf`, GIT_CONFIG_VALUE_0: 'https://github.com/track-orchestrator/track-orchestrator', GIT_CONFIG_KEY_1: 'safe.directory', GIT_CONFIG_VALUE_1: '*' }
const registry = { ...inject('registrySettings') }
const page = (name: string) => readFileSync(join(root, name), 'utf8')
const [twoCommands, worker, secondTerminal, tasks] = shellBlocks(page('README.md')) as [string, string, string, string]
const [change, taskPackage] = shellBlocks(page('CONTRIBUTING.md')) as [string, string]
const isWarm = process.env['NEWCOMER_COLD'] === undefined

/** `1m2.345s 0m3.000s`, user and system, as bash tells it. */
const secondsOf = (line: string) => [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the README has four blocks of commands, and CONTRIBUTING two: all of them are followed here', () => {
  expect([shellBlocks(page('README.md')).length, shellBlocks(page('CONTRIBUTING.md')).length]).toEqual([4, 2])
})

test('two commands lead from nothing to an MP4, within 90 seconds where npm has its packages, and warn of nothing', async () => {
  const began = Date.now()
  // `times`: what the commands took of the processor, which does not grow with what else this machine does.
  const { code, printed } = await openTerminal(`${twoCommands}times`, folder, fromHere).ended
  const seconds = (Date.now() - began) / 1_000
  const workSeconds = secondsOf(printed.trimEnd().split('\n').at(-1)!)
  console.log(`From clone to MP4: ${Math.round(seconds)} s; ${Math.round(workSeconds)} s of one processor; load ${loadavg()[0]!.toFixed(1)} on ${cpus().length}`)
  expect({ code, printed }).toEqual({ code: 0, printed: expect.stringContaining('all 10 checks passed') as string })
  expect(printed).not.toMatch(/EBADENGINE|deprecated/)
  const [, mp4] = /^MP4 +(.+)$/m.exec(printed)!
  expect(existsSync(join(folder, 'track-orchestrator', mp4!))).toBe(true)
  // Where other programs want the processor several times over, neither figure says anything.
  if (isWarm && loadavg()[0]! < 2 * cpus().length) expect(Math.min(seconds, workSeconds)).toBeLessThan(90)
})

test('a worker of their own passes its tests, runs here, and runs on a local Trigger.dev', async () => {
  const first = openTerminal(worker, folder, registry)
  try {
    await first.prints('Local worker ready')
    expect(first.printed()).toContain('"words": 6')
    expect(first.printed()).not.toContain('EBADENGINE')
    const { code, printed } = await openTerminal(secondTerminal, folder, registry).ended
    // The id of the run, then its output.
    expect({ code, printed }).toEqual({ code: 0, printed: expect.stringMatching(/"words": ?6/) as string })
  } finally {
    first.stop()
  }
  expect((await first.ended).printed).toContain('words')
})

test('a first package of tasks passes its tests', async () => {
  const { code, printed } = await openTerminal(tasks, folder, {}).ended
  expect({ code, printed }).toEqual({ code: 0, printed: expect.stringContaining('Successfully ran target test') as string })
})

test("the worker's README leads, with a local server in the place of an account, to a conversion by worker:dev, and says what a deployment lacks before it begins", async () => {
  const clone = join(folder, 'track-orchestrator')
  const [local, makeFile, login, dev, deploy, reviewed, loginElsewhere, ...others] = shellBlocks(page('apps/trigger-worker/README.md')) as [string, string, string, string, string, string, string]
  expect({ local, others }).toEqual({ local: 'npm run worker:local\n', others: [] }) // the e2e tests of the worker run that program
  expect(reviewed).toContain('ReviewedVoiceConversion') // src/reviewed-conversion.test.ts does that
  const server = await startTriggerDevServer()
  // A person's home folder has no login; the token is what the page names where there is no browser.
  const env = { HOME: folder, TRIGGER_ACCESS_TOKEN: server.accessToken, TRIGGER_TELEMETRY_DISABLED: '1', CI: '1' }
  const type = (block: string, more: object = {}) => openTerminal(block, clone, { ...env, ...more })
  try {
    expect(await type(makeFile).ended).toEqual({ code: 0, printed: '' })
    const early = await type(dev).ended
    expect(early).toEqual({ code: 1, printed: expect.stringMatching(/TRIGGER_PROJECT_REF must look like proj_/) as string })
    const [storage, sample, file] = ['storage', 'track-orchestrator/apps/trigger-worker/sample', 'track-orchestrator/apps/trigger-worker/.env'].map((name) => join(folder, name)) as [string, string, string]
    mkdirSync(storage)
    const filled = { TRIGGER_PROJECT_REF: 'proj_newcomer', TRIGGER_API_URL: server.url, STORAGE_FOLDER: storage, READABLE_FOLDERS: sample }
    writeFileSync(file, Object.entries(filled).reduce((text, [name, value]) => text.replace(new RegExp(`^${name}=.*$`, 'm'), `${name}=${value}`), readFileSync(file, 'utf8')))
    for (const block of [login, loginElsewhere]) expect(await type(block, { TRIGGER_API_URL: server.url }).ended).toMatchObject({ code: 0 })

    const running = type(dev)
    try {
      await running.prints('Local worker ready')
      const run = await triggerAndWait(server, 'VoiceConversion', { tenantId: 't1', projectId: 'p1', url: pathToFileURL(join(sample, 'sense-and-sensibility.webm')).href }, { timeoutMs: 240_000 })
      expect(run).toMatchObject({ isSuccess: true, output: { url: expect.stringMatching(/^file:.*\.mp4$/) as string } })
    } finally {
      running.stop()
      await running.ended
    }
    expect(await type(deploy).ended).toEqual({ code: 1, printed: expect.stringContaining('Nothing was deployed. The environment prod lacks STORAGE_FOLDER.') as string })
  } finally {
    await server.close()
  }
})

test('CONTRIBUTING, followed from the top, ends well, and finds the package in order', async () => {
  const clone = join(folder, 'track-orchestrator')
  rmSync(join(clone, 'packages/acme-tasks'), { recursive: true })
  const undone = await openTerminal('git checkout -q . && git clean -fdq .changeset packages', clone, fromHere).ended
  expect(undone.code).toBe(0)
  for (const block of [change, taskPackage]) {
    const { code, printed } = await openTerminal(block, clone, {}).ended
    expect({ code, printed: code === 0 ? '' : printed }).toEqual({ code: 0, printed: '' })
  }
})
