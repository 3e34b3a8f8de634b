import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type * as Vitest from 'vitest'
import { DefinitionError } from '../errors/definition-error.ts'

const require = createRequire(import.meta.url)

/**
 * vitest, when it is asked for: a module with a suite in it can then be imported where vitest is not installed. Gives the very functions that
 * an `import` of vitest gives. Throws a `DefinitionError` that names `caller` and says what to install.
 */
export function loadVitest(caller: string): typeof Vitest {
  let file: string
  try {
    file = fileURLToPath(import.meta.resolve('vitest'))
  } catch (cause) {
    throw new DefinitionError(`${caller} needs vitest, which is not installed. Run: npm install --save-dev vitest`, { cause })
  }
  return require(file) as typeof Vitest
}
