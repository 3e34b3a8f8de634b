import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TerminalError } from '@track-orchestrator/registry'
import { checkOptions, madeBy, required, wholeNumber } from '@track-orchestrator/registry/options'
import type { RunSource } from '../source/run-source.ts'
import { guard, pageHeaders } from './guard.ts'
import { readPage, type PageFiles } from '../page-files.ts'
import { answer } from './routes.ts'

export interface ViewerOptions {
  readonly source: RunSource
  /** Default: a free one. */
  readonly port?: number
}

/** A running viewer. */
export interface Viewer {
  /** Where it is: on loopback, with a random token. Whoever has it sees the runs. */
  readonly url: string
  /** Ends it, and what its source has under way; open connections are closed. */
  readonly close: () => Promise<void>
}

/**
 * Serves the page and its data on 127.0.0.1. Throws `viewer/port_taken` where the port is, and `viewer/page_not_built` in a checkout
 * that was not built.
 */
export async function startViewer(options: ViewerOptions): Promise<Viewer> {
  const { source, port: wanted = 0 } = checkOptions<ViewerOptions>('startViewer', options, { source: required(madeBy('journalSource({ journal })', 'list', 'run', 'events', 'value')), port: wholeNumber({ from: 0, to: 65_535 }) })
  const token = randomBytes(24).toString('base64url')
  let files: PageFiles | undefined = readPage()
  const page = () => (files ??= readPage())
  const server = createServer((request, response) => {
    const guarded = guard(request, port, token)
    if ('status' in guarded) response.writeHead(guarded.status, { ...pageHeaders, 'content-type': 'text/plain; charset=utf-8' }).end(guarded.why)
    else void answer(source, page, { request, response, ...guarded })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(new TerminalError(`The viewer cannot listen on 127.0.0.1:${wanted} (${cause.code ?? cause.message}). Choose another port, or none: a free one is found.`, { code: 'viewer/port_taken', cause })),
    )
    server.listen(wanted, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/${token}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
        source.close?.()
      }),
  }
}
