import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeWorkspaceFolder } from '../workspace-folder.ts'

/** Storages put and fetch files: a note lies in one for a moment, in a folder of its own, which goes with it. */
export async function inNoteFile<Result>(temporaryFolder: string, work: (path: string) => Promise<Result>): Promise<Result> {
  const folder = await makeWorkspaceFolder(temporaryFolder)
  try {
    return await work(join(folder, 'due.json'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
