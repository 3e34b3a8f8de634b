import { mergeConfig } from 'vitest/config'
import shared from '../vitest.shared.ts'

// Installs from a registry take their time.
export default mergeConfig(shared, { test: { include: ['*.test.ts'], globalSetup: './publish-all.ts', fileParallelism: false, typecheck: { enabled: false }, testTimeout: 300_000, hookTimeout: 600_000 } })
