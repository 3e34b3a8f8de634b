import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { DefinitionError } from '@track-orchestrator/registry'
import { describe, expect, onTestFinished, test } from 'vitest'
import { clientOf } from '../testing/history-project.ts'
import type { FollowOptions } from './follow-run.ts'
import { createRunReader, type RunReaderOptions } from './run-reader.ts'

const key = { tenantId: 'a', runId: 'r' }

/** A reader of a server that answers as it is told. */
async function readerOf(answer: (request: IncomingMessage, response: ServerResponse) => void, options: RunReaderOptions = {}) {
  const server = createServer((request, response) => void request.resume().on('end', () => answer(request, response))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return createRunReader(clientOf({ url, anonKey: 'x', serviceRoleKey: 'x' }), options)
}
const json = (body: unknown, status = 200) => (_request: IncomingMessage, response: ServerResponse) => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
const all = async (items: AsyncIterable<unknown>) => {
  const list: unknown[] = []
  for await (const item of items) list.push(item)
  return list
}
const runRow = { tenant_id: 'a', run_id: 'r', project_id: 'p', name: 'n', status: 'running', started_at: '2026-01-01T00:00:00Z', last_event_at: '2026-01-01T00:00:00Z', last_event_id: 'x', event_count: 1, updated_at: '2026-01-01T00:00:00Z' }
const eventRow = (n: number) => {
  const id = `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`
  const at = { at: '2026-01-01T00:00:00Z', received_at: `2026-01-01T00:00:${String(n).padStart(2, '0')}Z` }
  return { id, tenant_id: 'a', project_id: 'p', run_id: 'r', run_name: 'n', sequence: n, ...at, type: 'log', level: 'info', message: `${n}`, data: {} }
}

describe('an answer that PostgREST would not give is an error of one line', () => {
  const page = `<!DOCTYPE html>\n<html>\n${'<p>Web server is down</p>\n'.repeat(500)}`
  const cases: [string, number, string][] = [
    ['a page with a 521', 521, page],
    ['a page with a 200', 200, page],
    ['an object', 200, '{"hello":"world"}'],
    ['a text', 200, '"ok"'],
    ['nothing', 200, ''],
    ['null', 200, 'null'],
    ['numbers', 200, '[1,2]'],
    ['rows of something else', 200, '[{"id":1}]'],
    ['rows without times', 200, JSON.stringify([{ ...runRow, ...eventRow(1), started_at: 'yesterday', at: 'today' }])],
    ['an empty 404', 404, ''],
    ['a 403 page', 403, '<html>Forbidden</html>'],
    ['an error of its own', 400, '{"error":{"deep":"x"}}'],
  ]
  test.each(cases)('%s', async (_, status, body) => {
    const reader = await readerOf((_request, response) => void response.writeHead(status).end(body))
    for (const read of [() => reader.listRuns({ tenantId: 'a' }), () => reader.readRun(key), () => all(reader.readEvents(key))]) {
      const error = (await read().then(() => undefined, (thrown: unknown) => thrown)) as Error
      expect(error).toMatchObject({ name: 'ProviderError', retryable: status >= 500 })
      expect(error.message.length).toBeLessThan(500)
      expect(error.message).not.toContain('\n')
    }
  })

  test('events that go round in a circle end', async () => {
    const reader = await readerOf(json([eventRow(1), eventRow(2)]))
    await expect(all(reader.readEvents(key))).rejects.toMatchObject({ name: 'ProviderError' })
  })
})

describe('a request that hangs', () => {
  const hangs = () => {}
  test('ends after timeoutMs, with an error that may be retried', async () => {
    const reader = await readerOf(hangs, { timeoutMs: 50 })
    await expect(reader.listRuns({ tenantId: 'a' })).rejects.toMatchObject({ name: 'ProviderError', retryable: true, message: expect.stringContaining('no answer within 50 ms') as string })
    await expect(reader.readRun(key)).rejects.toThrow('within 50 ms')
    await expect(all(reader.readEvents(key))).rejects.toThrow('within 50 ms')
  })

  test('ends when its signal is aborted, be it before or in the midst', async () => {
    const reader = await readerOf(hangs)
    for (const afterMs of [0, 30]) {
      const stop = new AbortController()
      if (afterMs === 0) stop.abort()
      else setTimeout(() => stop.abort(), afterMs)
      const { signal } = stop
      const reads = [reader.listRuns({ tenantId: 'a' }, { signal }), reader.readRun(key, { signal }), all(reader.readEvents(key, { signal }))]
      for (const read of await Promise.allSettled(reads)) expect(read).toMatchObject({ status: 'rejected', reason: { code: 'cancelled' } })
    }
  })

  test('ends a follower that is told to stop, without an error', async () => {
    const reader = await readerOf(hangs)
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 30)
    expect(await all(reader.followRun(key, { signal: stop.signal }))).toEqual([])
  })

  test('ends also where the fetch of the client does not listen', async () => {
    const deaf = clientOf({ url: 'http://127.0.0.1:9', anonKey: 'x', serviceRoleKey: 'x' }, 'x', () => new Promise(() => {}))
    await expect(createRunReader(deaf, { timeoutMs: 30 }).listRuns({ tenantId: 'a' })).rejects.toThrow('within 30 ms')
  })
})

describe('a follower', () => {
  test('waits for a replica that is behind: with the count ahead of the events, with an older row, and with none', async () => {
    const began = performance.now()
    let looks = 0
    const reader = await readerOf((request, response) => {
      const isBehind = performance.now() - began < 700
      const run = { ...runRow, status: 'succeeded', event_count: 3, last_event_id: eventRow(3).id, updated_at: '2026-01-01T00:00:09Z' }
      if (request.url!.includes('/track_runs')) {
        const answers = isBehind ? [[run], [{ ...runRow, event_count: 1 }], []] : [[run]]
        return json(answers[looks++ % answers.length])(request, response)
      }
      const after = /id=gt\.([\w-]+)/.exec(request.url!)?.[1] ?? ''
      return json((isBehind ? [1] : [1, 2, 3]).map(eventRow).filter(({ id }) => id > after))(request, response)
    })
    expect(await all(reader.followRun(key, { intervalMs: 20, lingerMs: 50 }))).toMatchObject([{ message: '1' }, { message: '2' }, { message: '3' }])
  })

  test.each([
    ['does not begin', [], 'There was nothing to be seen of run r for 100 ms'],
    ['says nothing', [{ ...runRow, event_count: 0 }], 'Nothing was heard of run r for 100 ms'],
  ])('of a run that %s ends with an error, and says how to wait on', async (_, rows, message) => {
    const reader = await readerOf(json(rows))
    await expect(all(reader.followRun(key, { intervalMs: 20, silenceMs: 100 }))).rejects.toMatchObject({ code: 'timed_out', message: expect.stringContaining(message) as string })
  })

  test('of a database that stays away ends with what was said last', async () => {
    const reader = await readerOf(json({ code: 'PGRST000', message: 'no connection' }, 503))
    await expect(all(reader.followRun(key, { intervalMs: 20, silenceMs: 200 }))).rejects.toThrow('503 PGRST000: no connection')
  })

  test('that goes on behind an event asks for nothing that came before it', async () => {
    const asked: string[] = []
    const reader = await readerOf((request, response) => {
      asked.push(decodeURIComponent(request.url!))
      const run = { ...runRow, status: 'succeeded', event_count: 5, last_event_id: eventRow(5).id }
      if (request.url!.includes('/track_runs')) return json([run])(request, response)
      if (request.url!.includes('lte.')) return void response.writeHead(206, { 'content-type': 'application/json', 'content-range': '0-0/3' }).end(JSON.stringify([{ received_at: eventRow(3).received_at }]))
      return json([4, 5].map(eventRow))(request, response)
    })
    expect(await all(reader.followRun(key, { afterId: eventRow(3).id, lingerMs: 0 }))).toMatchObject([{ message: '4' }, { message: '5' }])
    expect(asked.filter((url) => url.includes('/track_run_events') && !url.includes('lte.'))).toEqual([expect.stringContaining(`id=gt.${eventRow(3).id}`)])
  })
})

describe('what a caller asks for is checked at once', () => {
  test.each<[string, object, string]>([
    ['listRuns', { tenantId: 'a', startedFrom: Number.NaN }, 'startedFrom'],
    ['listRuns', { tenantId: 'a', startedBefore: -1 }, 'startedBefore'],
    ['listRuns', { tenantId: 'a', startedFrom: 8.64e15 }, 'startedFrom'],
    ['listRuns', { tenantId: 'a', status: 'done' }, 'status'],
    ['listRuns', { tenantId: 'a', status: ['failed', 'done'] }, 'status'],
    ['listRuns', { tenantId: '' }, 'tenantId'],
    ['listRuns', {}, 'tenantId'],
    ['listRuns', { tenantId: 5 }, 'tenantId'],
    ['readRun', { tenantId: 'a' }, 'runId'],
    ['readRun', { tenantId: 'a', runId: '' }, 'runId'],
    ['readEvents', { runId: 'r' }, 'tenantId'],
    ['followRun', { tenantId: 'a', runId: null }, 'runId'],
  ])('%s refuses %o for its %s', async (method, query, field) => {
    const reader = await readerOf(() => {})
    const call = async () => (reader[method as 'readRun'] as (query: object) => unknown)(query)
    await expect(call()).rejects.toMatchObject({ name: 'ContractError', issues: [{ path: [field] }] })
  })

  test.each<FollowOptions>([{ intervalMs: 0 }, { intervalMs: Number.NaN }, { lingerMs: -1 }, { lagMs: Infinity }, { silenceMs: 2 ** 31 }, { afterId: 'newest' }, { signal: {} as never }, { interval: 5 } as FollowOptions])('followRun refuses %o', async (options) => {
    const reader = await readerOf(() => {})
    expect(() => reader.followRun(key, options)).toThrow(DefinitionError)
  })

  test('a reader needs a client, and options that are such', () => {
    expect(() => createRunReader({} as never)).toThrow('createRunReader: client must be an object with from(), rpc(), schema()')
    const client = clientOf({ url: 'http://127.0.0.1:9', anonKey: 'x', serviceRoleKey: 'x' })
    expect(() => createRunReader(client, { timeoutMs: 0 })).toThrow('timeoutMs')
    expect(() => createRunReader(client, { changes: {} as never })).toThrow('changes must be an object with subscribe()')
  })

  test('what is undefined means the default', async () => {
    const reader = await readerOf(json([]))
    expect(await reader.listRuns({ tenantId: 'a', limit: undefined, status: undefined, after: undefined })).toEqual({ runs: [] })
    await sleep(0)
  })
})
