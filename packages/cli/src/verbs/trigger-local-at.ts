import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CommandError } from '../exit.ts'

/**
 * Where a trigger-local is, and what it is asked with: by the address that it printed, whose key stands behind the `#` (or in
 * TRIGGER_SECRET_KEY), or as the one that runs over the folder, or one above it, has written it down. Throws `CommandError`.
 */
export function triggerLocalAt(folder: string, said: string | true, keyOfEnvironment: string | undefined): { readonly url: string; readonly key: string } {
  if (said === true) {
    const found = sessionOver(folder)
    if (!found) throw new CommandError('No trigger-local runs over this folder. Start it (npx trigger-local), or give the address that it printed: --trigger-local http://127.0.0.1:…/#…')
    return found
  }
  if (!URL.canParse(said)) throw new CommandError('--trigger-local takes the address that trigger-local printed: http://127.0.0.1:…/#…')
  const url = new URL(said)
  // Behind the key may stand the id of a run.
  const key = url.hash.slice(1).split('/')[0] || keyOfEnvironment
  if (!key) throw new CommandError('The address has no key: give the whole one that trigger-local printed, with what stands behind the #.')
  return { url: url.origin, key }
}

function sessionOver(folder: string): { readonly url: string; readonly key: string } | undefined {
  try {
    const { url, secretKey } = JSON.parse(readFileSync(join(folder, '.trigger-local', 'session.json'), 'utf8')) as Record<string, unknown>
    if (typeof url === 'string' && typeof secretKey === 'string') return { url, key: secretKey }
  } catch {
    // None here, or half written.
  }
  return dirname(folder) === folder ? undefined : sessionOver(dirname(folder))
}
