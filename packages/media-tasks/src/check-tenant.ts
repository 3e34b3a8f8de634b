import { redact, TerminalError } from '@track-orchestrator/registry'
import type { Storage } from './storage.ts'

/**
 * Throws `media/url_refused` for a file of the storage that belongs to another tenant: one below `tenants/<somebody else>/`. Whoever may
 * start a run may write any URL into its payload, so ask before a URL is opened or signed.
 */
export function checkTenant(storage: Pick<Storage, 'keyOf'>, url: string, tenantId: string): void {
  const [top, owner] = storage.keyOf(url)?.split('/') ?? []
  if (top?.toLowerCase() !== 'tenants' || owner === tenantId) return
  throw new TerminalError(`${redact(url)} is refused: it belongs to another tenant`, { code: 'media/url_refused' })
}
