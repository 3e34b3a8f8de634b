import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createJournal } from '../journal/journal.ts'
import { goingOnSuite } from '../testing/going-on-suite.ts'
import { suiteOrchestrators } from '../testing/suite-definitions.ts'
import { suiteHandlers, suiteTasks } from '../testing/suite-tasks.ts'
import { createRunner } from './create-runner.ts'

goingOnSuite('the in-process engine with a journal', () => {
  const folder = mkdtempSync(join(tmpdir(), 'going-on-'))
  const runner = createRunner({ registry: suiteTasks, handlers: suiteHandlers, orchestrators: Object.values(suiteOrchestrators), journal: createJournal({ folder }) })
  return { runner, resume: runner.resume, fork: runner.fork, close: async () => rmSync(folder, { recursive: true, force: true }) }
})
