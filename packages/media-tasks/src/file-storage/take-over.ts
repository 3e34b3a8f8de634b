import { lstat, rename } from 'node:fs/promises'

/**
 * Moves a file that was given away to where it is stored from: nothing is read or written. Only a regular file with one name: under a
 * second one it would be somebody else's as well, such as the file of an earlier step, which lies in a workspace under its second name.
 * False, and nothing has happened, where it has to be copied: it is no such file, or lies on another disk.
 */
export async function takeOver(filePath: string, target: string): Promise<boolean> {
  const found = await lstat(filePath)
  if (!found.isFile() || found.nlink !== 1) return false
  return rename(filePath, target).then(() => true, () => false)
}
