import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { TracksError } from '@track-orchestrator/registry'
import type { RunSource } from '../source/run-source.ts'
import { pageHeaders } from './guard.ts'

/** Nothing said for so long, a line is sent, so that a closed connection is noticed. */
const quietMs = 15_000

/**
 * Server-sent events of one run, until whoever listens leaves: `events` (`EventPage`, whose `next` is the id, so that a browser that lost
 * the connection goes on behind it), `run` whenever how the run stands has changed, and `failed` as the last where it cannot be read.
 */
export async function streamRun(request: IncomingMessage, response: ServerResponse, source: RunSource, runId: string, after: string | undefined): Promise<void> {
  await source.run(runId) // a run that is not there is an answer, no stream
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  response.writeHead(200, { ...pageHeaders, 'content-type': 'text/event-stream; charset=utf-8' })
  const send = (name: string, data: unknown, id?: string) => response.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
  let place = (request.headers['last-event-id'] as string | undefined) ?? after
  let stood = ''
  let heardAt = Date.now()
  try {
    while (!gone.signal.aborted) {
      const page = await source.events(runId, place)
      place = page.next
      const run = page.more ? undefined : await source.run(runId)
      const stands = run && JSON.stringify([run.status, run.endedAt, run.acts])
      if (page.events.length > 0) send('events', page, page.next)
      if (stands !== undefined && stands !== stood) send('run', run)
      if (page.events.length > 0 || (stands !== undefined && stands !== stood)) heardAt = Date.now()
      stood = stands ?? stood
      if (Date.now() - heardAt > quietMs) {
        response.write(': still here\n\n')
        heardAt = Date.now()
      }
      if (response.writableNeedDrain) await once(response, 'drain', { signal: gone.signal })
      else if (!page.more) await delay(source.pollMs, undefined, { signal: gone.signal })
    }
  } catch (error) {
    if (gone.signal.aborted) return
    send('failed', { code: TracksError.is(error) ? error.code : 'task_failed', message: error instanceof Error ? error.message : 'It cannot be read.' })
  } finally {
    response.end()
  }
}
