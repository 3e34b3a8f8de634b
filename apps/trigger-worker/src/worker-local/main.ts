import { thisProgram } from '../program.ts'
import { runWorkerLocal } from './worker-local.ts'

process.exitCode = await runWorkerLocal(thisProgram())
