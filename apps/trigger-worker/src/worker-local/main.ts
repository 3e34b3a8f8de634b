import { thisProgram } from '../program/program.ts'
import { runWorkerLocal } from './worker-local.ts'

process.exitCode = await runWorkerLocal(thisProgram())
