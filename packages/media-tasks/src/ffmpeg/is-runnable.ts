import { constants } from 'node:fs'
import { access } from 'node:fs/promises'

/** Whether there is a program at the path, with its run bit set. */
export async function isRunnable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
