import { Readable, Writable } from 'node:stream'
import { runProgram } from '../program.ts'
import { placeConfig } from './own-folder.ts'

/** Runs the command in this process as in a pipe, and gives what it wrote. */
export async function inPipe(folder: string, args: readonly string[], { stdin = '', env = {}, signal = new AbortController().signal, onOut = () => undefined }: { readonly stdin?: string; readonly env?: Readonly<Record<string, string>>; readonly signal?: AbortSignal; readonly onOut?: (text: string) => unknown } = {}) {
  const collect = (onText: (text: string) => unknown) => {
    let text = ''
    return { stream: new Writable({ write: (chunk, _encoding, done) => { text += String(chunk); onText(text); done() } }), text: () => text }
  }
  const [out, err] = [collect(onOut), collect(() => undefined)]
  if (!args.includes('--config') && args[0] !== 'completion') placeConfig(folder)
  const exitCode = await runProgram({ arguments: args, folder, env, stdin: Readable.from([stdin]), stdout: out.stream, stderr: err.stream, signal })
  return { exitCode, out: out.text(), err: err.text(), json: (): any => JSON.parse(out.text()) }
}
