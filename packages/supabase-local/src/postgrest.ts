import { request } from 'node:http'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import type { ProcessOwner } from './process-owner.ts'
import { startServer, type ServerProcess } from './server-process.ts'

export const postgrestSocket = (folder: string): string => join(folder, 'rest.sock')

export interface PostgrestSettings {
  readonly jwtSecret: string
  /** Rows an answer holds at most. */
  readonly maxRows: number
  /** The schemas that can be reached; the first is the one without a name. */
  readonly schemas: readonly string[]
}

/** Starts PostgREST as Supabase sets it up. Plans may be asked for. */
export async function startPostgrest({ postgrest }: Binaries, folder: string, { jwtSecret, maxRows, schemas }: PostgrestSettings, owner: ProcessOwner): Promise<ServerProcess> {
  const env = {
    PGRST_DB_URI: `postgresql://authenticator@/postgres?host=${encodeURIComponent(folder)}`,
    PGRST_DB_SCHEMAS: schemas.join(','),
    PGRST_DB_ANON_ROLE: 'anon',
    PGRST_DB_MAX_ROWS: String(maxRows),
    PGRST_DB_PLAN_ENABLED: 'true',
    PGRST_JWT_SECRET: jwtSecret,
    PGRST_SERVER_UNIX_SOCKET: postgrestSocket(folder),
    PGRST_LOG_LEVEL: 'warn',
  }
  const command = { program: postgrest, env, owner, stopSignal: 'TERM', logFile: join(folder, 'postgrest.log') } as const
  return startServer(command, () => restIsReady(folder))
}

/** Whether PostgREST answers and has read the schema. */
export function restIsReady(folder: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    request({ socketPath: postgrestSocket(folder), path: '/', method: 'HEAD' }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
      .on('error', reject)
      .end()
  })
}
