import { copyFile, symlink } from 'node:fs/promises'

/** Makes the file readable at another path, without copying where the system allows links. */
export async function linkFile(source: string, path: string): Promise<void> {
  try {
    await symlink(source, path, 'file')
  } catch (error) {
    // Windows lets only some people make links.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) throw error
    await copyFile(source, path)
  }
}
