import { appendFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/** How many tests of one or more vitest runs passed, failed or were skipped. */
export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** A vitest reporter that adds a line with the counts of its run to a file, so that several runs can be summed. */
export function createCountsReporter(file: string): Reporter {
  return {
    onTestRunEnd: (modules, unhandledErrors) => appendFileSync(file, `${JSON.stringify(countTests(modules, unhandledErrors.length))}\n`),
  }
}

/** A file that could not be loaded, a hook that failed, or an error outside of any test counts as a failed test: what it was to tell is not known. */
function countTests(modules: readonly TestModule[], unhandled: number): TestCounts {
  let [passed, failed, skipped] = [0, unhandled, 0]
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state === 'passed') passed++
      else if (state === 'skipped') skipped++
      else failed++
    }
    if (module.errors().length > 0) failed++
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) failed++
  }
  return { passed, failed, skipped }
}
