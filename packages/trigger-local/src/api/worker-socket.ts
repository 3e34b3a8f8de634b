import type { Server as HttpServer } from 'node:http'
import { Server } from 'socket.io'
import type { Engine } from '../engine/engine.ts'
import { latestSnapshot } from '../engine/run.ts'
import type { Keys } from './local-api.ts'

/**
 * When the CLI is told of a run's new state, in milliseconds after it. More than once, since the CLI drops what reaches it while
 * it handles something else, and would then notice only by its own look every five seconds.
 */
const tellAfterMs = [0, 150, 600]

/** Tells connected CLIs when the state of a run that they work on changes. Returns what ends it. */
export function tellWorkers(engine: Engine, http: HttpServer, { secretKey }: Keys): () => Promise<void> {
  const io = new Server(http, {
    serveClient: false,
    // Pages of others may open sockets to this machine: they know no key.
    allowRequest: ({ headers }, answer) => answer(null, headers.authorization === `Bearer ${secretKey}`),
  })
  const workers = io.of('/dev-worker')
  workers.on('connection', (socket) => {
    socket.on('run:subscribe', ({ runFriendlyIds }: { runFriendlyIds: string[] }) => socket.join(runFriendlyIds))
    socket.on('run:unsubscribe', ({ runFriendlyIds }: { runFriendlyIds: string[] }) => runFriendlyIds.forEach((id) => socket.leave(id)))
  })
  engine.listeners.add(({ type, id }) => {
    const run = type === 'run.snapshot' && id !== undefined ? engine.runs.get(id) : undefined
    if (!run) return
    const snapshot = latestSnapshot(run)
    for (const delayMs of tellAfterMs) {
      engine.timers.after(delayMs, () => {
        if (latestSnapshot(run) === snapshot) workers.to(run.friendlyId).emit('run:notify', { version: '1', run: { friendlyId: run.friendlyId } })
      })
    }
  })
  return () => io.close()
}
