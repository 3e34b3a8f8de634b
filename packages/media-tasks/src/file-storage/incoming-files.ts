import { randomUUID } from 'node:crypto'
import { lstat, readdir, rm } from 'node:fs/promises'
import { isOfGoneProcess, processTag } from '../process-tag.ts'
import type { OpenFolder } from './open-folder.ts'

/** Half-written files lie here. No key can begin with a dot. */
export const incomingFolder = '.incoming'

const pattern = /^([\da-f]{12}-\d+-\d+)-[\da-f-]{36}$/

/** A name for a file that is being written, by which others see later whether its writer is gone. */
export function incomingName(): string {
  return `${processTag()}-${randomUUID()}`
}

/** Removes half-written files of processes of this machine that are gone. What cannot be read or removed is left. */
export async function removeStaleFiles(folder: OpenFolder): Promise<void> {
  for (const name of await readdir(folder.path('.')).catch(() => [])) {
    const tag = pattern.exec(name)?.[1]
    if (tag === undefined || !isOfGoneProcess(tag)) continue
    const found = await lstat(folder.path(name)).catch(() => undefined)
    if (found?.isFile() && (!process.getuid || found.uid === process.getuid())) await rm(folder.path(name), { force: true }).catch(() => {})
  }
}
