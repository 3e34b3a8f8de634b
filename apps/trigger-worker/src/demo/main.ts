import { thisProgram } from '../program/program.ts'
import { runDemo } from './demo.ts'

process.exitCode = await runDemo(thisProgram())
