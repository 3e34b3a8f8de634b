import { mergeConfig } from 'vitest/config'
import shared from '../vitest.shared.ts'

// The checks of the repository lie beside what they check with, and have no type tests of their own.
export default mergeConfig(shared, { test: { include: ['*.test.ts'], typecheck: { enabled: false } } })
