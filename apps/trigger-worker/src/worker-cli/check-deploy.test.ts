import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkDeploy } from './check-deploy.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deploy-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const selfHosted = { TRIGGER_API_URL: 'https://trigger.example.com:8030' }
/** An environment whose only program is a docker that does so, as a shell script. */
const withDocker = (script: string | undefined, more: object = {}) => {
  if (script !== undefined) {
    writeFileSync(join(folder, 'docker'), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, 'docker'), 0o755)
  }
  return { PATH: folder, HOME: folder, ...selfHosted, ...more }
}

test.each([
  ['there is no docker', undefined, /^Docker is not installed.*trigger\.example\.com:8030 is self-hosted/],
  ['docker has no buildx', `echo "docker: unknown command: docker buildx" >&2; exit 1`, /^Docker has no buildx.*trigger\.example\.com:8030 is self-hosted/],
  ['its daemon is away', `[ "$1" = buildx ]`, /^Docker's daemon does not answer/],
])('a self-hosted instance is not deployed to where %s', async (_, script, problem) => {
  expect((await checkDeploy([], withDocker(script))).problems).toEqual([expect.stringMatching(problem)])
})

test('with all that is needed nothing is a problem, and a registry without a login is told', async () => {
  const env = withDocker('exit 0')
  const { problems, notices } = await checkDeploy([], env)
  expect(problems).toEqual([])
  expect(notices).toEqual([expect.stringMatching(/Environment Variables page/), expect.stringMatching(/docker login/)])
  writeFileSync(join(folder, 'config.json'), '{ "auths": { "registry.example.com": {} } }')
  expect((await checkDeploy([], { ...env, DOCKER_CONFIG: folder })).notices).toHaveLength(1)
  writeFileSync(join(folder, 'config.json'), '{ torn')
  expect((await checkDeploy([], { ...env, DOCKER_CONFIG: folder })).notices).toHaveLength(2)
})

test.each([
  ['Trigger.dev Cloud', [], { TRIGGER_API_URL: undefined }, 0],
  ['Trigger.dev Cloud by its address', [], { TRIGGER_API_URL: 'https://api.trigger.dev' }, 0],
  ['Trigger.dev Cloud, built here', ['--local-build'], { TRIGGER_API_URL: undefined }, 1],
  ['an address that only looks like it', [], { TRIGGER_API_URL: 'https://api.trigger.dev.example.com' }, 1],
  ['an address among the arguments', ['-a', 'https://trigger.example.com'], { TRIGGER_API_URL: undefined }, 1],
  ['the same, written in one', ['--api-url=https://trigger.example.com'], { TRIGGER_API_URL: undefined }, 1],
  ['a build on the server', ['--native-build'], {}, 0],
  ['a dry run', ['--dry-run'], {}, 0],
])('docker is asked for where the image is built here: %s', async (_, args, env, problems) => {
  expect((await checkDeploy(args, withDocker(undefined, env))).problems).toHaveLength(problems)
})

test.each([
  ['nothing', [], ['STORAGE_FOLDER']],
  ['half of what R2 needs', ['R2_BUCKET', 'R2_ENDPOINT', 'FLOW_CONCURRENCY'], ['R2_ACCESS_KEY_ID', 'R2_SECRET_ACCESS_KEY']],
  ['a folder', ['STORAGE_FOLDER'], []],
])('with a token the environment is asked which variables it has: %s', async (_, names, missing) => {
  await withInstance(names, async (instance, asked) => {
    const { problems, notices } = await checkDeploy(['--env', 'staging'], withDocker('exit 0', instance))
    expect(problems).toEqual(missing.length === 0 ? [] : [expect.stringContaining(`The environment staging lacks ${missing.join(', ')}.`)])
    expect([...problems, ...notices].join()).not.toContain('hidden')
    expect(asked).toEqual(['GET /api/v1/projects/proj_abc/envvars/staging'])
  })
})

test('an instance that does not tell its variables is told of, as without a token', async () => {
  await withInstance(undefined, async (instance) => {
    const { problems, notices } = await checkDeploy([], withDocker('exit 0', instance))
    expect({ problems, told: notices[0] }).toEqual({ problems: [], told: expect.stringMatching(/Environment Variables page/) as string })
  })
})

test('worker:deploy says what is missing before it begins a deployment', async () => {
  await withInstance([], async (instance, asked) => {
    const main = fileURLToPath(new URL('main.ts', import.meta.url))
    const start = fileURLToPath(new URL('../../../../tools/start.mjs', import.meta.url))
    const child = spawn(process.execPath, ['--conditions=@track-orchestrator/source', start, main, 'deploy'], { env: withDocker('exit 1', instance), stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const [exitCode] = (await once(child, 'close')) as [number]
    expect(said).toMatch(/Nothing was deployed\. The environment prod lacks STORAGE_FOLDER\..*\nDocker has no buildx/)
    expect({ exitCode, asked }).toEqual({ exitCode: 1, asked: ['GET /api/v1/projects/proj_abc/envvars/prod'] })
  })
})

/** An instance whose environments have variables of these names, and secret values; without, one that tells nothing. */
async function withInstance(names: readonly string[] | undefined, use: (variables: object, asked: readonly string[]) => Promise<void>): Promise<void> {
  const asked: string[] = []
  const http = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (names) response.setHeader('content-type', 'application/json').end(JSON.stringify(names.map((name) => ({ name, value: 'hidden', isSecret: false }))))
    else response.writeHead(404).end()
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  try {
    await use({ TRIGGER_API_URL: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, TRIGGER_PROJECT_REF: 'proj_abc', TRIGGER_ACCESS_TOKEN: 'tr_pat_any' }, asked)
  } finally {
    http.closeAllConnections()
    http.close()
  }
}
