import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isLoopback } from '../api/only-from-here.ts'
import { callServer, type ServerAddress } from '../client/call-server.ts'

/** What a running `trigger-local` has written down, for who calls it from another terminal. */
export interface Session extends ServerAddress { readonly pid: number }

const sessionIn = (folder: string) => join(folder, '.trigger-local', 'session.json')

/** The folder in the project for what trigger-local keeps: made where it is missing, and hidden from git. */
export function keptFolder(project: string): string {
  const folder = join(project, '.trigger-local')
  // Not `recursive`: Node tries that for ever where nobody can make a folder, as in /proc.
  if (!existsSync(folder)) mkdirSync(folder)
  writeFileSync(join(folder, '.gitignore'), '*\n')
  return folder
}

/** Writes the session down, readable by nobody else: its key runs tasks. */
export function writeSession(project: string, session: Session): void {
  keptFolder(project)
  writeFileSync(sessionIn(project), `${JSON.stringify(session)}\n`, { mode: 0o600 })
}

/** Takes the session away again, if it is this process's. */
export function removeSession(project: string): void {
  if (readSession(project)?.pid === process.pid) rmSync(sessionIn(project), { force: true })
}

/** The session that runs over the folder, or over one above it. A session whose process has died is none. */
export async function findSession(folder: string): Promise<Session | undefined> {
  const session = readSession(folder)
  if (session && (await answers(session))) return session
  return dirname(folder) === folder ? undefined : findSession(dirname(folder))
}

function readSession(folder: string): Session | undefined {
  try {
    const session = JSON.parse(readFileSync(sessionIn(folder), 'utf8')) as Session
    // A file that came with somebody's project must not send payloads elsewhere.
    return isLoopback(new URL(session.url).hostname) ? session : undefined
  } catch {
    return undefined
  }
}

async function answers(session: Session): Promise<boolean> {
  return callServer(session, 'GET', '/local/v1/state').then(() => true, () => false)
}
