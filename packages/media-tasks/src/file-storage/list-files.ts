import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../error-code.ts'

/**
 * The keys of all files below the root that begin with the prefix, in order. Goes only into folders that can hold such, and through
 * no links. A folder that cannot be read is an error: a list without it would look complete.
 */
export async function* listFiles(root: string, prefix: string, folder = ''): AsyncGenerator<string> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return [] // nothing was ever stored, or it was removed meanwhile
    throw error
  })
  // As whole keys sort: a folder's name counts with its slash.
  const named = entries.map((entry) => ({ entry, key: `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}` }))
  named.sort((a, b) => (a.key < b.key ? -1 : 1))
  for (const { entry, key } of named) {
    if (key.startsWith('.')) continue // what is being written
    if (entry.isDirectory() && (key.startsWith(prefix) || prefix.startsWith(key))) yield* listFiles(root, prefix, key)
    else if (entry.isFile() && key.startsWith(prefix)) yield key
  }
}
