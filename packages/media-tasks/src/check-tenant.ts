import { redact, TerminalError } from '@track-orchestrator/registry'
import { keyPart } from './storage-key.ts'
import type { Storage } from './storage.ts'

/** How file systems that ignore case, kinds of letters, invisible characters, or (on Windows) what stands at the end, would read it. */
const tenantsFolder = /^tenants[. ]*(?::.*)?$/

/**
 * Throws `media/url_refused` for a file of the storage that belongs to another tenant: one below `tenants/<somebody else>/`. Whoever may
 * start a run may write any URL into its payload, so ask before a URL is opened or signed.
 */
export function checkTenant(storage: Pick<Storage, 'keyOf'>, url: string, tenantId: string): void {
  const [top = '', owner] = storage.keyOf(url)?.split('/') ?? []
  if (top === 'tenants' && owner === keyPart(tenantId)) return
  if (!tenantsFolder.test(top.normalize('NFKC').replace(/\p{Cf}+/gu, '').toLowerCase())) return
  throw new TerminalError(`${redact(url)} is refused: it belongs to another tenant`, { code: 'media/url_refused' })
}
