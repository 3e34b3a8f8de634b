import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** The keys of all files below the root that begin with the prefix, in order. Goes only into folders that can hold such. */
export async function* listFiles(root: string, prefix: string, folder = ''): AsyncGenerator<string> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
  // As whole keys sort: a folder's name counts with its slash.
  const named = entries.map((entry) => ({ entry, key: `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}` }))
  named.sort((a, b) => (a.key < b.key ? -1 : 1))
  for (const { entry, key } of named) {
    if (entry.isDirectory() && (key.startsWith(prefix) || prefix.startsWith(key))) yield* listFiles(root, prefix, key)
    else if (entry.isFile() && key.startsWith(prefix)) yield key
  }
}
