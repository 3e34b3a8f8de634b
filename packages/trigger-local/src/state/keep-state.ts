import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import type { Keys, LocalApi } from '../api/local-api.ts'
import type { TelemetryLog } from '../api/telemetry.ts'
import { engineRecords, type EngineRecords } from './engine-records.ts'
import { restoreEngine } from './restore-engine.ts'

/** What stands in the file. */
interface State extends EngineRecords {
  readonly format: 1
  readonly keys: Keys
  readonly logs: readonly TelemetryLog[]
}

/** How long after a change it is written, in milliseconds: several at once. */
const writeAfterMs = 300
/** How many log lines are kept. */
const keptLogs = 5_000

/** What an earlier server left in the file; nothing where there is none. Throws where the file is something else: it is not written over. */
export function readState(file: string): State | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const state = JSON.parse(text) as State
    if (state.format === 1) return state
  } catch {
    // Told below.
  }
  throw new Error(`${file} is no state of trigger-local, or one of a newer version. Move it away to begin anew.`)
}

/** Goes on from the state, and from now on keeps the file as it is here. Returns what writes it a last time. */
export function keepState({ engine, telemetry, keys, log }: LocalApi, file: string, state: State | undefined): () => Promise<void> {
  if (state) {
    telemetry.logs.push(...state.logs.map((line) => ({ ...line, at: new Date(line.at) })))
    restoreEngine(engine, state)
  }
  let writing = Promise.resolve()
  const write = () => (writing = writing.then(async () => {
    const now: State = { format: 1, keys, ...engineRecords(engine), logs: telemetry.logs.slice(-keptLogs) }
    // First beside it: whoever is ended in between leaves the earlier state whole.
    await writeFile(`${file}.new`, JSON.stringify(now), { mode: 0o600 })
    await rename(`${file}.new`, file)
  }).catch((error: Error) => log(`the state is not kept: ${error.message}`)))
  engine.listeners.add(() => engine.timers.soon('keep state', writeAfterMs, () => void write()))
  return write
}
