import { createHash } from 'node:crypto'
import { isSafeId, TerminalError, type TaskContext } from '@track-orchestrator/registry'

/**
 * Where in a storage a file of this attempt goes: `tenants/<tenant>/projects/<project>/runs/<run>/<task>/<file>`, each part as
 * `keyPart` writes it. Throws `TerminalError` `media/url_refused` for an id that could lead elsewhere: see `checkStorageKey`.
 */
export function storageKey(context: Pick<TaskContext, 'tenantId' | 'projectId' | 'run' | 'taskName'>, fileName: string): string {
  const { tenantId, projectId, run, taskName } = context
  return keyOfParts([...partsOfRun(tenantId, projectId, run.id), taskName, fileName])
}

/** What the keys of all files of a tenant begin with, and those of no other: `tenants/<tenant>/`. Throws as `storageKey` does. */
export function tenantPrefix(tenantId: string): string {
  return `${keyOfParts(['tenants', tenantId])}/`
}

/** What the keys of all files of a run begin with, and those of no other: `tenants/<tenant>/projects/<project>/runs/<run>/`. */
export function runPrefix({ tenantId, projectId, runId }: { readonly tenantId: string; readonly projectId: string; readonly runId: string }): string {
  return `${keyOfParts(partsOfRun(tenantId, projectId, runId))}/`
}

const partsOfRun = (tenantId: string, projectId: string, runId: string) => ['tenants', tenantId, 'projects', projectId, 'runs', runId]

function keyOfParts(parts: readonly string[]): string {
  checkStorageKey(parts)
  return checkStorageKey(parts.map(keyPart))
}

/** What every file system takes and keeps as it is, and nothing else can be mistaken for. */
const plain = /^[a-z\d_-](?:[a-z\d._-]*[a-z\d_-])?$/
/** Files that Windows has in every folder, whatever comes after a dot (Microsoft, "Naming Files, Paths, and Namespaces"). */
const windowsDevice = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/
const stemCharacters = 40

/**
 * An id or a file's name as one part of a key: the same text always gives the same part, and two texts never the same one, also where
 * a file system ignores case (`Acme`, `acme`), writes letters in another way (NFC, NFD), drops dots and spaces at the end, or has
 * devices in every folder (`aux.txt`), as on Windows and macOS.
 *
 * Small letters, digits, `-`, `_` and dots in between stand as they are. Any other text becomes what can be read of it, `!`, a hash
 * of all of it and, where it had one, its ending: `acme!0f5e…`, `film!a81c….mp4`. At most 128 bytes, which other systems need, too.
 */
export function keyPart(text: string): string {
  if (plain.test(text) && text.length <= 128 && !windowsDevice.test(text)) return text
  const ending = /\.[a-z\d]{1,8}$/i.exec(text)?.[0].toLowerCase() ?? ''
  const readable = text.slice(0, text.length - ending.length).normalize('NFKD').replace(/\p{M}+/gu, '').toLowerCase()
  const stem = readable.replace(/[^a-z\d]+/g, '-').slice(0, stemCharacters).replace(/^-|-$/g, '')
  return `${stem}!${createHash('sha256').update(text).digest('hex').slice(0, 32)}${ending}`
}

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

/** Whether a storage would take the key. What lies under another one was put there by somebody else. */
export function isStorageKey(key: string): boolean {
  try {
    return checkStorageKey(key.split('/')) === key
  } catch {
    return false
  }
}
