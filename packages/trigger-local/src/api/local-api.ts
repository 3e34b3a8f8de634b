import type { Hono } from 'hono'
import type { Engine } from '../engine/engine.ts'
import type { Fault } from './faults.ts'
import type { Telemetry } from './telemetry.ts'

/** What the routes answer from. */
export interface LocalApi {
  readonly app: Hono
  readonly engine: Engine
  readonly telemetry: Telemetry
  /** What is to go wrong. */
  readonly faults: Fault[]
  /** Told of what goes wrong here. */
  readonly log: (line: string) => void
  /** The address that this server is reached by. Known once it listens. */
  url: string
  /** The ref of the project that the CLI came with last. */
  projectRef: string
}

/** What the CLI logs in with. */
export const accessToken = 'tr_pat_local00000000000000000000000000000000'

/** What the SDK calls with, as a development environment's secret key. */
export const secretKey = 'tr_dev_local00000000000000000000'

/** The one environment that there is. */
export const environment = { id: 'environment_local', slug: 'dev', type: 'DEVELOPMENT' } as const
/** The one organisation that there is. */
export const organization = { id: 'organization_local', slug: 'local', name: 'Local' } as const
/** The one project that there is, but for its ref, which is whatever the CLI calls it. */
export const project = { id: 'project_local', slug: 'local', name: 'Local' } as const
