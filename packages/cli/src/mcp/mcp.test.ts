import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inPipe } from '../testing/in-pipe.ts'
import { commandLine } from '../testing/pseudo-terminal.ts'

// An agent's client, and the command as its process.

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracks-mcp-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function connect(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const transport = new StdioClientTransport({ command: process.execPath, args: [...commandLine(['mcp', ...args])], cwd: folder, stderr: 'pipe', env: { ...(process.env as Record<string, string>), TRACKS_FOLDER: join(folder, '.tracks'), ...env } })
  let printed = ''
  transport.stderr?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const client = new Client({ name: 'an-agent', version: '1.0.0' })
  await client.connect(transport)
  const call = async (name: string, input: Record<string, unknown> = {}, onprogress?: (told: { message?: string | undefined }) => void) => {
    const { content, isError = false } = await client.callTool({ name, arguments: input }, undefined, onprogress && { onprogress })
    const [{ text }] = content as [{ text: string }]
    return { isError, text, json: (): any => JSON.parse(text) }
  }
  return { client, call, printed: () => printed }
}

describe('an agent over tracks mcp', () => {
  let agent: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    agent = await connect(['--wait', '1'], { TRACKS_BROKEN: 'b', TRACKS_PRINTS: 'print this' })
  })
  afterAll(() => agent.client.close())

  test('is told what it can ask for, and what only looks; approving and deleting are not offered', async () => {
    const { tools } = await agent.client.listTools()
    expect(tools.map(({ name }) => name).toSorted()).toEqual(['cancel', 'check', 'diff', 'fork', 'list', 'resume', 'run', 'runs', 'show', 'why'])
    expect(tools.filter(({ annotations }) => annotations?.readOnlyHint).map(({ name }) => name).toSorted()).toEqual(['check', 'diff', 'list', 'runs', 'show', 'why'])
    expect(tools.find(({ name }) => name === 'fork')!.inputSchema).toMatchObject({ type: 'object', required: ['run'], properties: { from: { type: 'string' } } })
    expect(agent.client.getInstructions()).toContain('Ask list')
  })

  test('lists, runs, is told of progress, and finds the run again', async () => {
    expect((await agent.call('list')).json()).toMatchObject([{ name: 'Reading', input: { required: ['text'] } }, { name: 'Careless' }, { name: 'Speech' }, { name: 'Words' }, { name: 'Reviewed' }, { name: 'Twice' }, { name: 'Loud' }])
    const told: string[] = []
    const { isError, json } = await agent.call('run', { name: 'Words', input: { text: 'to be' }, tenant: 'other' }, ({ message }) => told.push(message!))
    expect(json()).toMatchObject({ status: 'succeeded', output: { words: 2 } })
    expect(isError).toBe(false)
    expect(told[0]).toContain('Words')
    expect((await agent.call('runs', { status: 'succeeded', limit: 1 })).json()).toMatchObject([{ runId: json().runId, tenantId: 'other' }])
  })

  test('finds out why a run failed, what a resume would do, and does a part anew', async () => {
    const failed = await agent.call('run', { name: 'Reading', input: { text: 'a/b' } })
    expect(failed).toMatchObject({ isError: true })
    const { runId, error } = failed.json()
    expect(error).toMatchObject({ message: expect.stringContaining('nobody can say b') as string })
    expect((await agent.call('show', { run: runId, logs: true })).json()).toMatchObject({ status: 'failed', logs: [{ message: 'speaks a' }] })
    expect((await agent.call('why', { run: runId, step: 'join' })).json()).toMatchObject({ steps: [{ path: 'Reading/Speech/join', action: 'run' }, { path: 'Reading/final:join' }] })
    expect((await agent.call('resume', { run: runId, plan: true })).json().steps).toContainEqual(expect.objectContaining({ path: 'Reading/Speech/speak[0]', action: 'reuse' }))
    expect((await agent.call('resume', { run: runId })).json()).toMatchObject({ runId, status: 'failed' })
    const forked = (await agent.call('fork', { run: runId, from: 'speak[1]', set: { text: 'c' } })).json()
    expect(forked).toMatchObject({ status: 'succeeded', output: { sound: 'a+c+2 words' } })
    expect((await agent.call('diff', { before: runId, after: forked.runId })).json().steps).toContainEqual(expect.objectContaining({ path: 'Reading/Speech/speak[1]', input: [{ path: 'text', before: '"b"', after: '"c"' }] }))
  })

  test('is answered while a long run goes on, and cancels it', async () => {
    const { isError, json } = await agent.call('run', { name: 'Speech', input: { text: 'long', pauseMs: 60_000 } })
    expect(json()).toMatchObject({ status: 'running', runId: expect.any(String) as string })
    expect(isError).toBe(false)
    expect((await agent.call('show', { run: json().runId })).json()).toMatchObject({ status: 'running' })
    expect((await agent.call('cancel', { run: json().runId })).json()).toMatchObject({ status: 'cancelled' })
    expect((await agent.call('show', { run: json().runId })).json()).toMatchObject({ status: 'cancelled' })
  })

  test('is told what a run asks people for', async () => {
    const { json } = await agent.call('run', { name: 'Reviewed', input: { text: 'a b' } })
    expect(json()).toMatchObject({ status: 'running', asks: [{ path: 'Reviewed/review', input: { words: 2 }, wants: { type: 'object', required: ['text'] } }], next: expect.stringContaining('tracks approve') as string })
    await agent.call('cancel', { run: json().runId })
  })

  test.each([
    ['run', { name: 'Wrods' }, 'Did you mean "Words"?'],
    ['run', { name: 'Words', input: { txt: 'a' } }, 'Did you mean "text"?'],
    ['run', { name: '--help' }, 'There is no track, orchestrator or task "--help"'],
    ['show', { run: 'none' }, 'There is no run "none"'],
    ['resume', { run: 'last', map: { 'a=b': 'x' } }, '"a=b" is no finished place'],
    ['show', {}, 'run'],
    ['runs', { status: '--json' }, '--status is one of'],
  ])('says what is wrong with %s %j, and goes on', async (name, input, said) => {
    expect(await agent.call(name, input)).toMatchObject({ isError: true, text: expect.stringContaining(said) as string })
  })

  test('an answer that would fill its memory is cut, and says so', async () => {
    const { json } = await agent.call('run', { name: 'Words', input: { text: 'long '.repeat(20_000) } })
    const { text } = await agent.call('show', { run: json().runId })
    expect(text).toMatch(/^\{"runId"[^]*… cut after 40000 of \d{6} characters: tracks export/)
  })

  test('what a handler prints stands beside the messages', async () => {
    expect((await agent.call('run', { name: 'Words', input: { text: 'print this' } })).json()).toMatchObject({ output: { words: 2 } })
    expect(agent.printed()).toContain('counts print this')
  })
})

test('an agent that only looks is offered nothing that acts; one that leaves has its runs cancelled, to be resumed', async () => {
  const acting = await connect(['--wait', '1'])
  const { runId } = (await acting.call('run', { name: 'Speech', input: { text: 'left', pauseMs: 60_000 } })).json()
  await acting.client.close()
  const looking = await connect(['--read-only'])
  expect((await looking.client.listTools()).tools.map(({ name }) => name)).toEqual(['list', 'runs', 'show', 'why', 'diff', 'check'])
  expect(await looking.call('run', { name: 'Words', input: { text: 'a' } })).toMatchObject({ isError: true, text: expect.stringContaining('not found') as string })
  expect((await looking.call('show', { run: runId })).json()).toMatchObject({ status: 'cancelled' })
  await looking.client.close()
})

test('what is wrong with the call itself is told at once', async () => {
  expect(await inPipe(folder, ['mcp', '--wait', 'long'])).toMatchObject({ exitCode: 2, err: '--wait is a whole number of seconds from 1 to 3600 (got "long").\n' })
  expect(await inPipe(folder, ['mcp', '--config', 'none.ts'])).toMatchObject({ exitCode: 3 })
  expect(await inPipe(folder, ['mcp', '--engine', 'none'])).toMatchObject({ exitCode: 2 })
})
