import type { ViteUserConfig } from 'vitest/config'
import e2e from './vitest.e2e.config.ts'

/** The engine suite on other versions of the SDK and the command, which are installed from the registry. */
const config: ViteUserConfig = { ...e2e, test: { ...e2e.test, include: ['e2e/sdk-versions.test.ts'], hookTimeout: 600_000 } }

export default config
