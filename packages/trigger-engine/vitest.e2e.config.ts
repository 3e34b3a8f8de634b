import type { ViteUserConfig } from 'vitest/config'
import shared from '../../vitest.shared.ts'

/** The tests that start the real Trigger.dev command over the local API. */
const config: ViteUserConfig = { ...shared, test: { ...shared.test, include: ['e2e/**/*.e2e.test.ts'], exclude: [], testTimeout: 300_000, hookTimeout: 360_000 } }

export default config
