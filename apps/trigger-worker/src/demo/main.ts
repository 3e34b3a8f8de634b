import { thisProgram } from '../program.ts'
import { runDemo } from './demo.ts'

process.exitCode = await runDemo(thisProgram())
