#!/usr/bin/env node
import { runProgram } from './program.ts'
import { stopSignal } from './stop-signal.ts'
import { commandIn, configuredIn } from './terminal.ts'

const { argv, env, stdin, stdout, stderr } = process
// Whoever read along may leave (`| head`, a closed terminal): the work goes on, and nobody is told.
for (const stream of [stdout, stderr]) stream.on('error', () => undefined)
process.exitCode = await runProgram({ arguments: argv.slice(2), folder: process.cwd(), env, stdin, stdout, stderr, signal: stopSignal(), command: commandIn(env), configured: configuredIn(env) })
