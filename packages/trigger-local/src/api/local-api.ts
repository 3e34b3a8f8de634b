import { randomBytes } from 'node:crypto'
import type { Hono } from 'hono'
import type { Engine } from '../engine/engine.ts'
import type { Fault } from './faults.ts'
import type { Telemetry } from './telemetry.ts'

/** What the routes answer from. */
export interface LocalApi {
  readonly app: Hono
  readonly engine: Engine
  readonly telemetry: Telemetry
  readonly keys: Keys
  /** What is to go wrong. */
  readonly faults: Fault[]
  /** Told of what goes wrong here. */
  readonly log: (line: string) => void
  /** The address that this server is reached by. Known once it listens. */
  url: string
  /** The ref of the project that the CLI came with last. */
  projectRef: string
}

/** What callers must know. Made anew for each server, so that no page and nobody else on the machine can guess them. */
export interface Keys {
  /** What the CLI logs in with. */
  readonly accessToken: string
  /** What the SDK calls with, as a development environment's secret key. */
  readonly secretKey: string
  /** Stands in the address that the processes of runs send traces and logs to. */
  readonly telemetryKey: string
}

/** Keys that nobody had before, in the form that CLI and SDK ask for. */
export function createKeys(): Keys {
  const random = () => randomBytes(20).toString('hex')
  return { accessToken: `tr_pat_${random()}`, secretKey: `tr_dev_${random()}`, telemetryKey: random() }
}

/** The one environment that there is. */
export const environment = { id: 'environment_local', slug: 'dev', type: 'DEVELOPMENT' } as const
/** The one organisation that there is. */
export const organization = { id: 'organization_local', slug: 'local', name: 'Local' } as const
/** The one project that there is, but for its ref, which is whatever the CLI calls it. */
export const project = { id: 'project_local', slug: 'local', name: 'Local' } as const
