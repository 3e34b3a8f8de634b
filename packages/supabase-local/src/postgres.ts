import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
// @ts-expect-error pg ships no types; the little that is used stands below.
import pg from 'pg'
import type { Binaries } from './binaries.ts'
import type { ProcessOwner } from './process-owner.ts'
import { startServer, type ServerProcess } from './server-process.ts'

export type Row = Record<string, unknown>

/** Of one statement. A text of several gives a list. */
interface Result {
  readonly rows: Row[]
  readonly fields: readonly unknown[]
}

/** Connections, taken as they are needed. `host` is a folder: the socket in it. */
export interface Pool {
  query(text: string, values?: readonly unknown[]): Promise<Result | Result[]>
  on(event: 'error', listener: (error: Error) => void): this
  end(): Promise<void>
}
const { Pool } = pg as { Pool: new (options: { host: string; user: string; database: string; max: number }) => Pool }

/** Makes an empty cluster in `folder/data`. Its superuser is `supabase_admin`; whoever reaches the socket in `folder` is let in. */
export async function createCluster({ initdb }: Binaries, folder: string, owner: ProcessOwner, signal?: AbortSignal): Promise<void> {
  const args = ['--pgdata', join(folder, 'data'), '--username', 'supabase_admin', '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C', '--no-sync']
  await promisify(execFile)(initdb, args, { ...owner, cwd: '/', ...(signal && { signal }) })
}

/** Starts PostgreSQL on the socket in `folder`, on no port at all. It stops as a crash does: `immediate`. */
export async function startPostgres({ postgres }: Binaries, folder: string, owner: ProcessOwner): Promise<ServerProcess> {
  const settings = { listen_addresses: '', unix_socket_directories: folder, unix_socket_permissions: '0700', max_connections: '50', shared_buffers: '256MB', max_wal_size: '2GB' }
  const args = ['-D', join(folder, 'data'), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const command = { program: postgres, args, owner, stopSignal: 'QUIT', logFile: join(folder, 'postgres.log') } as const
  return startServer(command, async () => {
    await runSql(folder, 'supabase_admin', 'select 1')
    return true
  })
}

/** Runs SQL on a connection of its own. */
export async function runSql(folder: string, user: string, text: string): Promise<void> {
  const pool = connect(folder, user)
  try {
    await pool.query(text)
  } finally {
    await pool.end()
  }
}

export function connect(folder: string, user: string): Pool {
  const pool = new Pool({ host: folder, user, database: 'postgres', max: 2 })
  // Idle connections break when the database is stopped. The next query takes a new one.
  pool.on('error', () => {})
  return pool
}
