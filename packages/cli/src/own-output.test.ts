import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { runProgram } from './program.ts'
import { ownFolder } from './testing/own-folder.ts'

const folder = ownFolder('own-output')

test.each([['--json', 'kept'], ['--markdown', 'kept'], ['', 'mixed']])('what a configuration and a handler print is kept from the output of %j: %s', async (format, expected) => {
  const base = new URL('testing/tracks.config.ts', import.meta.url).href
  await writeFile(join(folder.path(), 'prints.mjs'), `process.emit('prints'); import base from ${JSON.stringify(base)}; export default { ...base, handlers: { count: () => (process.emit('prints'), { words: 1 }) } }`)
  const collect = () => {
    let text = ''
    return { stream: new Writable({ write: (chunk, _encoding, done) => { text += String(chunk); done() } }), text: () => text }
  }
  const [out, err] = [collect(), collect()]
  const prints = () => void out.stream.write('printed\n')
  process.on('prints' as never, prints)
  const args = ['run', 'Words', 'text=a', '--config', 'prints.mjs']
  expect(await runProgram({ arguments: format === '' ? args : [...args, format], folder: folder.path(), env: {}, stdin: Readable.from(['']), stdout: out.stream, stderr: err.stream, signal: new AbortController().signal })).toBe(0)
  process.off('prints', prints)
  expect(out.text().includes('printed') ? 'mixed' : 'kept').toBe(expected)
  expect(err.text()).toMatch(expected === 'kept' ? /^(?:printed\n)+$/ : /^$/)
  prints()
  expect(out.text()).toMatch(/printed\n$/)
})
