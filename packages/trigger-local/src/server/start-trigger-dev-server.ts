import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createApi } from '../api/create-api.ts'
import type { Keys } from '../api/local-api.ts'
import { isLoopback } from '../api/only-from-here.ts'
import type { Fault } from '../api/faults.ts'
import type { Telemetry } from '../api/telemetry.ts'
import { tellWorkers } from '../api/worker-socket.ts'
import { addPageRoutes } from '../page/page-routes.ts'
import { keepState, readState } from '../state/keep-state.ts'
import type { BackgroundWorker } from '../engine/background-worker.ts'
import type { Batch } from '../engine/batch.ts'
import { type BatchTokens, defaultBatchTokens, defaultStallTimes, type StallTimes } from '../engine/engine-rules.ts'
import { advance } from '../engine/advance.ts'
import { durationMsOf } from '../engine/duration.ts'
import { createEngine } from '../engine/engine.ts'
import type { EngineEvent } from '../engine/engine-event.ts'
import type { Run } from '../engine/run.ts'
import { checkServerOptions } from './check-server-options.ts'
import { defaultServerVersion, serverVersions, type ServerVersionName } from '../engine/server-version.ts'
import { startWatchdog } from '../engine/watchdog.ts'

export interface TriggerDevServerOptions {
  /** 0, the default: any free one. */
  readonly port?: number
  /** Default: 127.0.0.1, so that nobody else on the network reaches it. */
  readonly host?: string
  /** How many runs are worked on at once; one that waits for another keeps its place. Default: 25. */
  readonly maxConcurrentRuns?: number
  /** The server whose way with errors this one has (what it cuts, and whether it keeps causes), and with limits of tasks (known from 4.7 on). Default: 4.5.12, the hardest. */
  readonly version?: ServerVersionName
  /** How long each item of a batch takes to become a run, in milliseconds: they come one after the other. Default: 10; the real server took about 200. */
  readonly batchItemMs?: number
  /** How many items of batches may be asked for. Default: 1,200 at once, 100 more every 10 seconds; then 429. */
  readonly batchTokens?: BatchTokens
  /** How long a run may stand still in a state, in milliseconds. Default: a minute before its attempt begins and while it is cancelled, five minutes without a heartbeat, ten while it is suspended. */
  readonly stallTimes?: StallTimes
  /** A file that keeps runs, keys and logs, from which a later server goes on. Default: none, all is forgotten at the end. */
  readonly stateFile?: string
  /** Default: those in the state's file, or new ones, which nobody can guess. */
  readonly keys?: Keys
  /** Told of requests that nobody serves, and of faults in the server itself. Default: silence. */
  readonly log?: (line: string) => void
}

/** A local Trigger.dev API, with a look inside for tests. What it shows is live: it changes as runs go on. */
export interface TriggerDevServer {
  /** Where it is reached: what SDK and CLI take as TRIGGER_API_URL. */
  readonly url: string
  /** What the SDK calls with: TRIGGER_SECRET_KEY. */
  readonly secretKey: string
  /** What the CLI logs in with: TRIGGER_ACCESS_TOKEN. */
  readonly accessToken: string
  /** All of its keys, for another server that takes its place. */
  readonly keys: Keys
  /** The page that shows its runs, with the key that it asks for. */
  readonly pageUrl: string
  /** All runs, oldest first. */
  runs(): Run[]
  /** The run with this id (`run_…`). */
  run(id: string): Run | undefined
  /** All batches, oldest first. */
  batches(): Batch[]
  /** All registered versions of the code, oldest first. */
  workers(): BackgroundWorker[]
  /** All that happened, in order. */
  readonly events: readonly EngineEvent[]
  /** The traces and logs that the processes sent. */
  readonly telemetry: Readonly<Telemetry>
  /** Moves time on by so many milliseconds, or a duration such as `30d` or `2h30m`: whatever waits for a date comes that much nearer. */
  advance(duration: number | string): void
  /** Resolves with the first event, past or to come, that the test accepts. Rejects after the time limit. */
  until(accepts: (event: EngineEvent) => boolean, timeoutMs: number): Promise<EngineEvent>
  /** As the option; may be changed while it runs. */
  version: ServerVersionName
  /** What is to go wrong from now on: put a fault into it. */
  readonly faults: Fault[]
  /** Ends everything: connections, timers, waiting runs. */
  close(): Promise<void>
}

/** Starts a local Trigger.dev v4 API, with which the real CLI and SDK register a worker and run tasks. Nothing is kept on disk unless it is given a file. */
export async function startTriggerDevServer(options: TriggerDevServerOptions = {}): Promise<TriggerDevServer> {
  checkServerOptions('startTriggerDevServer', options)
  const { port = 0, host = '127.0.0.1', maxConcurrentRuns = 25, batchItemMs = 10, batchTokens = defaultBatchTokens, stallTimes, stateFile, log = () => {} } = options
  let { version = defaultServerVersion } = options
  const engine = createEngine({ maxConcurrentRuns, version: serverVersions[version], batchItemMs, batchTokens, stallTimes: { ...defaultStallTimes, ...stallTimes } })
  startWatchdog(engine)
  const state = stateFile === undefined ? undefined : readState(stateFile)
  const api = createApi(engine, { log, keys: options.keys ?? state?.keys, isLocal: isLoopback(host) })
  addPageRoutes(api)
  const http = createAdaptorServer({ fetch: api.app.fetch }) as Server
  const closeSocket = tellWorkers(engine, http, api.keys)
  await new Promise<void>((resolve, reject) => http.once('error', reject).listen(port, host, resolve))
  const writeState = stateFile === undefined ? undefined : keepState(api, stateFile, state)
  api.url = `http://${host}:${(http.address() as AddressInfo).port}`

  return {
    url: api.url,
    secretKey: api.keys.secretKey,
    accessToken: api.keys.accessToken,
    keys: api.keys,
    pageUrl: `${api.url}/#${api.keys.secretKey}`,
    runs: () => [...engine.runs.values()],
    run: (id) => engine.runs.get(id),
    batches: () => [...engine.batches.values()],
    workers: () => [...engine.workers],
    events: engine.events,
    telemetry: api.telemetry,
    faults: api.faults,
    get version() {
      return version
    },
    set version(name) {
      version = name
      engine.version = serverVersions[name]
    },
    advance: (duration) => advance(engine, durationMsOf(duration)),
    until: (accepts, timeoutMs) => new Promise((resolve, reject) => {
      const listener = (event: EngineEvent) => {
        if (!accepts(event)) return
        engine.listeners.delete(listener)
        resolve(event)
      }
      const past = engine.events.find(accepts)
      if (past) return resolve(past)
      engine.listeners.add(listener)
      engine.timers.after(timeoutMs, () => {
        if (engine.listeners.delete(listener)) reject(new Error(`Nothing of the kind happened within ${timeoutMs} ms`))
      })
    }),
    async close() {
      await writeState?.()
      engine.listeners.clear()
      engine.timers.clear()
      http.closeAllConnections()
      await closeSocket()
    },
  }
}
