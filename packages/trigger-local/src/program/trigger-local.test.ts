import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { makeTemplateProject } from '../testing/template-project.ts'
import { runCommand } from './run-command.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const project = makeTemplateProject()

const callsFile = join(project.folder, 'calls.txt')
/** Loaded into every process: writes down whom it calls. */
const recorder = `
  import { appendFileSync } from 'node:fs'
  import { Socket } from 'node:net'
  const { connect } = Socket.prototype
  Socket.prototype.connect = function (...given) {
    const options = Array.isArray(given[0]) ? given[0][0] : given[0]
    if (options?.port !== undefined) appendFileSync(${JSON.stringify(callsFile)}, (options.host ?? 'localhost') + '\\n')
    return connect.apply(this, given)
  }`

interface Ended { readonly code: number | null; readonly stdout: string; readonly stderr: string }
interface Running { readonly child: ChildProcess; readonly printed: () => { stdout: string; stderr: string }; readonly ended: Promise<Ended> }

function start(args: string[], folder = project.folder): Running {
  // As it is published, without the shell of a person: PATH and HOME, and no colours.
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), '--conditions=@track-orchestrator/source', main, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'], HOME: project.folder, NO_COLOR: '1', NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(recorder)}` } })
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) child[name].setEncoding('utf8').on('data', (text: string) => (printed[name] += text))
  return { child, printed: () => printed, ended: once(child, 'close').then(([code]: unknown[]) => ({ code: code as number | null, ...printed })) }
}
const run = (args: string[], folder?: string) => start(args, folder).ended
/** As `run`, in this process: a process of its own takes seconds to begin. */
async function runHere(args: readonly string[], folder = project.folder): Promise<Ended> {
  const printed = { stdout: '', stderr: '' }
  const into = (name: keyof typeof printed) => new Writable({ write: (chunk, _encoding, done) => { printed[name] += String(chunk); done() } })
  const code = await runCommand({ arguments: args, folder, stdout: into('stdout'), stderr: into('stderr'), signal: new AbortController().signal })
  return { code, ...printed }
}
const oneLine = (text: string) => text.trimEnd().split('\n').length === 1

afterAll(() => project.remove())

describe('said in one line', () => {
  test('by the program that is installed', async () => {
    const { code, stderr } = await run(['run', 'hello-world'])
    expect({ code, isOne: oneLine(stderr), stderr }).toEqual({ code: 2, isOne: true, stderr: expect.stringContaining('No trigger-local runs over') as string })
  })

  test.for([
    [['run'], 'Which task?'],
    [['run', 'hello-world', 'name'], '"name" is no key=value'],
    [['run', 'hello-world', 'n=1', 'n=2'], 'n is given twice'],
    [['run', 'hello-world', '--payload', '{'], '--payload is no JSON'],
    [['run', 'hello-world', '--timeout', 'soon'], '--timeout: Not a duration: "soon"'],
    [['run', 'hello-world', '--wait-long'], "Unknown option '--wait-long'"],
    [['--port', 'many'], '--port is a number up to 65535, not many'],
    [['--project', 'nowhere'], 'There is no trigger.config.ts in'],
  ] as const)('%s', async ([args, message]) => {
    const { code, stderr } = await runHere(args)
    expect({ code, isOne: oneLine(stderr), stderr }).toEqual({ code: 2, isOne: true, stderr: expect.stringContaining(message) as string })
  })

  test('that the trigger command is not installed', async () => {
    const bare = makeTemplateProject()
    rmSync(join(bare.folder, 'node_modules'))
    bare.write('node_modules/@trigger.dev/sdk/package.json', '{"version":"4.6.4"}')
    const { code, stderr } = await runHere([], bare.folder)
    bare.remove()
    expect({ code, isOne: oneLine(stderr), stderr }).toEqual({ code: 2, isOne: true, stderr: expect.stringContaining('npm install --save-dev trigger.dev@4.6.4') as string })
  })

  test('what is wrong with the config', { timeout: 300_000 }, async () => {
    const broken = makeTemplateProject()
    broken.write('trigger.config.ts', readFileSync(join(broken.folder, 'trigger.config.ts'), 'utf8').replace('maxDuration: 3600,', ''))
    const { code, stderr } = await run([], broken.folder)
    const left = existsSync(join(broken.folder, '.trigger-local/session.json'))
    broken.remove()
    expect({ code, left, isOne: oneLine(stderr), stderr }).toEqual({ code: 2, left: false, isOne: true, stderr: expect.stringContaining('trigger dev has ended: The "maxDuration" trigger.config option is now required') as string })
  })
})

describe('with trigger dev', { timeout: 300_000 }, () => {
  let dev: Running

  beforeAll(async () => {
    dev = start([])
    await vi.waitFor(() => expect(dev.printed().stdout).toContain('Local worker ready'), { timeout: 280_000, interval: 200 })
  }, 300_000)
  afterAll(async () => {
    dev.child.kill('SIGTERM')
    await dev.ended
  })

  test('triggers a task, waits for it and prints its output', async () => {
    const { code, stdout } = await run(['run', 'hello-world', 'name=you', '--wait'])
    expect({ code, output: JSON.parse(stdout) as unknown }).toEqual({ code: 0, output: { message: 'Hello, you!' } })
  })

  test('ends with 1 and says why where the task fails', async () => {
    const { code, stdout, stderr } = await run(['run', 'hopeless', '--wait'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('hopeless is FAILED: AbortTaskRunError: no use trying again')
  })

  test('prints the id of a run that nobody waits for, and moves time on for it', async () => {
    const { stdout } = await run(['run', 'hello-world', '--payload', '{"days":30}'])
    expect(stdout).toMatch(/^run_\w+\n$/)
    const { url, secretKey } = JSON.parse(readFileSync(join(project.folder, '.trigger-local/session.json'), 'utf8')) as { url: string; secretKey: string }
    const look = async () => ((await (await fetch(`${url}/local/v1/runs/${stdout.trim()}`, { headers: { authorization: `Bearer ${secretKey}` } })).json()) as { run: { status: string; isWaiting: boolean } }).run
    await expect.poll(look).toMatchObject({ isWaiting: true })
    expect(await run(['advance', '30d'])).toMatchObject({ code: 0 })
    await expect.poll(look).toMatchObject({ status: 'COMPLETED' })
  })

  test('is found from a folder below, and says which tasks there are', async () => {
    const { code, stderr } = await run(['run', 'hullo'], join(project.folder, 'src/trigger'))
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'trigger-local: There is no task "hullo". The project has hello-world, hopeless.\n' })
  })

  test('does not run twice over one project', async () => {
    expect(await run([])).toMatchObject({ code: 2, stderr: expect.stringMatching(/^trigger-local: trigger-local runs here already, at http:/) as string })
  })

  test('nothing leaves the machine: no process of it has called another', () => {
    const called = readFileSync(callsFile, 'utf8').split('\n').filter(Boolean)
    expect(called.length).toBeGreaterThan(0)
    expect(called.filter((host) => !['127.0.0.1', 'localhost', '::1'].includes(host))).toEqual([])
  })

  test('Ctrl-C ends both, and takes away what they left; the runs are kept', async () => {
    const { pid } = JSON.parse(readFileSync(join(project.folder, '.trigger-local/session.json'), 'utf8')) as { pid: number }
    expect(pid).toBe(dev.child.pid)
    const lock = Number(readFileSync(join(project.folder, '.trigger/dev.lock'), 'utf8'))
    dev.child.kill('SIGINT')
    expect(await dev.ended).toMatchObject({ code: 0 })
    expect(() => process.kill(lock, 0)).toThrow('ESRCH')
    expect(['.trigger', '.trigger-local/session.json'].filter((path) => existsSync(join(project.folder, path)))).toEqual([])
    expect(readFileSync(join(project.folder, '.trigger-local/state.json'), 'utf8')).toContain('Hello, you!')
  })

  test('a session that came with somebody’s project and names another machine is none', async () => {
    writeFileSync(join(project.folder, '.trigger-local/session.json'), JSON.stringify({ url: 'http://198.51.100.1:80', secretKey: 'x', pid: 1 }))
    expect(await run(['run', 'hello-world'])).toMatchObject({ code: 2, stderr: expect.stringContaining('No trigger-local runs over') as string })
  })
})
