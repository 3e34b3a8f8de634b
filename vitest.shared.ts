import { env } from 'node:process'
import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config'
import { createCountsReporter } from './tools/test-counts.ts'

const source = { resolve: { conditions: ['@track-orchestrator/source', 'node'] } }
/** Where CI sums the tests of all runs. Unset elsewhere. */
const countsFile = env['TEST_COUNTS_FILE']

// nx asks for colours in all that it runs: commands that tests start are to say in a pipe what they say in anybody's.
delete env['FORCE_COLOR']

/** One vitest set-up for every package: tests and type tests beside the code, packages read from source. */
const config: ViteUserConfig = defineConfig({
  ...source,
  ssr: source,
  test: {
    include: ['src/**/*.test.ts'],
    // Those that start the real Trigger.dev command take minutes: `npm run test:e2e`, which `npm test` runs last.
    exclude: [...configDefaults.exclude, '**/*.e2e.test.ts'],
    typecheck: { enabled: true, include: ['src/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
    restoreMocks: true,
    // Real tools on a busy machine: no test is about how long it takes, and none has less time than this. Vitest itself waits for what is polled for a second.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 120_000 } },
    ...(countsFile && { reporters: ['default', createCountsReporter(countsFile)] }),
  },
})

export default config
