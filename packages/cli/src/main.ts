#!/usr/bin/env node
import { endProcess } from './end-process.ts'
import { runProgram } from './program.ts'
import { stopSignal } from './stop-signal.ts'
import { commandIn, configuredIn } from './terminal.ts'

const { argv, env, stdin, stdout, stderr } = process
const signal = stopSignal()
await endProcess(process, signal, () => runProgram({ arguments: argv.slice(2), folder: process.cwd(), env, stdin, stdout, stderr, signal, command: commandIn(env), configured: configuredIn(env) }))
