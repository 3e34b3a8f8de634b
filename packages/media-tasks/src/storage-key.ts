import { isSafeId, TerminalError, type TaskContext } from '@track-orchestrator/registry'

/** Where in a storage a file of this attempt goes: `tenants/<tenant>/projects/<project>/runs/<run>/<task>/<file>`. */
export function storageKey(context: Pick<TaskContext, 'tenantId' | 'projectId' | 'run' | 'taskName'>, fileName: string): string {
  const { tenantId, projectId, run, taskName } = context
  return checkStorageKey([...partsOfRun(tenantId, projectId, run.id), taskName, fileName])
}

/** What the keys of all files of a run begin with, and those of no other: `tenants/<tenant>/projects/<project>/runs/<run>/`. */
export function runPrefix({ tenantId, projectId, runId }: { readonly tenantId: string; readonly projectId: string; readonly runId: string }): string {
  return `${checkStorageKey(partsOfRun(tenantId, projectId, runId))}/`
}

const partsOfRun = (tenantId: string, projectId: string, runId: string) => ['tenants', tenantId, 'projects', projectId, 'runs', runId]

/** Longest key, in bytes (Amazon S3 and Cloudflare R2: 1,024). */
const maxKeyBytes = 1_024

/**
 * The parts as one key. Throws `TerminalError` where a part is empty, `.` or `..`, begins with a dot at the top, or holds a slash,
 * a backslash or a control character: such a key could point outside of its storage.
 */
export function checkStorageKey(parts: readonly string[]): string {
  const wrong = parts.findIndex((part, place) => !isSafeId(part) || (place === 0 && part.startsWith('.')))
  const key = parts.join('/')
  if (parts.length > 0 && wrong < 0 && Buffer.byteLength(key) <= maxKeyBytes) return key
  const which = wrong < 0 ? `it has ${Buffer.byteLength(key)} bytes` : `part ${wrong + 1} is ${JSON.stringify(parts[wrong])}`
  throw new TerminalError(`A storage key needs parts of 1-128 characters without slash, backslash, control character or "..": ${which}`, {
    code: 'media/url_refused',
  })
}
