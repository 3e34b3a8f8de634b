export { taskSuite } from './task-suite.ts'
export type { TaskUnderTest } from './task-suite.ts'
export { createTestContext } from './test-context.ts'
export type { LoggedLine, TestContext, TestContextOptions } from './test-context.ts'
