import { request } from 'node:http'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import type { ProcessOwner } from './process-owner.ts'
import { startServer, type ServerProcess } from './server-process.ts'

export const postgrestSocket = (folder: string): string => join(folder, 'rest.sock')

/** Starts PostgREST as Supabase sets it up: schema `public`, at most 1000 rows an answer, tokens signed with `jwtSecret`. Plans may be asked for. */
export async function startPostgrest({ postgrest }: Binaries, folder: string, jwtSecret: string, owner: ProcessOwner): Promise<ServerProcess> {
  const env = {
    PGRST_DB_URI: `postgresql://authenticator@/postgres?host=${encodeURIComponent(folder)}`,
    PGRST_DB_SCHEMAS: 'public',
    PGRST_DB_ANON_ROLE: 'anon',
    PGRST_DB_MAX_ROWS: '1000',
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
