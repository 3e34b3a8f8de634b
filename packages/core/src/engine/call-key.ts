import { hash } from 'node:crypto'
import { canonicalJson } from '@track-orchestrator/registry'
import type { TaskCall } from './engine.ts'

/**
 * What a call is remembered by: the walk, whose it is, the place in it, a hash of the parsed input, and the contract's version where it has one. The same on every attempt.
 * Since tenant and project are part of it, nobody is handed the outcome of somebody else's call. Since the input is part of it, a changed mapper or an edited file gives another key, and a stale result is never taken.
 * Not cheap (SHA-256 over the whole input): asked for only by engines that remember.
 */
export function callKey({ walkId, base, path, input, contract }: Pick<TaskCall, 'walkId' | 'base' | 'path' | 'input'> & { readonly contract?: Pick<TaskCall['contract'], 'version'> }): string {
  const { version } = contract ?? {}
  return `${walkId}/${base.tenantId}/${base.projectId}/${path}#${inputHash(input)}${version === undefined ? '' : `@${version}`}`
}

/** SHA-256, in hexadecimal, of the value as JSON with its keys in order. */
export function inputHash(input: unknown): string {
  return hash('sha256', canonicalJson(input))
}
