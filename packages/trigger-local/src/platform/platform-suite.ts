import { describe, test } from 'vitest'
import { batchRows } from './batch-rows.ts'
import { keyRows } from './key-rows.ts'
import { limitRows } from './limit-rows.ts'
import { createPlatform, type PlatformRow, type PlatformServer } from './platform.ts'
import { runRows } from './run-rows.ts'

/** Every row of the README's table that can be seen from outside, in its order. */
export const platformRows: readonly PlatformRow[] = [...batchRows, ...keyRows, ...runRows, ...limitRows]

/** A batch item of an unknown task takes a real server forty seconds. */
const rowTimeoutMs = 120_000

/**
 * Checks that a server behaves as the table says, by the protocol of `trigger dev` and nothing else. `open` gives the server: the
 * local one, or a real one's development environment that nobody else uses meanwhile.
 */
export function platformSuite(name: string, open: () => Promise<PlatformServer>): void {
  describe(name, () => {
    test.each(platformRows)('$behaviour', { timeout: rowTimeoutMs }, async ({ check }) => {
      const { platform, end } = createPlatform(await open())
      try {
        await check(platform)
      } finally {
        await end()
      }
    })
  })
}
