// @ts-check
// Plain JavaScript, for it runs in a worker thread, which may have nobody to take TypeScript's types away.
import { Buffer } from 'node:buffer'

/** @typedef {{ bytes: Uint8Array, size: number }} MemoryFile */
/** @typedef {{ file: MemoryFile, at: number }} OpenFile */
/** What flite exports. @typedef {{ memory: { buffer: ArrayBuffer }, _start: () => void }} FliteExports */

const success = 0
const badDescriptor = 8
const noSuchFile = 44
const folderDescriptor = 3
/** The text goes in by file, not by argument, so that no text can be an option. */
const args = (/** @type {string} */ voice, /** @type {number | undefined} */ stretch) =>
  ['flite', '-voice', voice, ...(stretch === undefined ? [] : ['--setf', `duration_stretch=${stretch.toFixed(3)}`]), '-f', '/text', '-o', '/wav'].map((arg) => Buffer.from(`${arg}\0`))

/**
 * Runs flite once: text in, WAV file out. It sees two files in memory and nothing else: this is as much of WASI (preview 1,
 * github.com/WebAssembly/WASI, legacy/preview1/docs.md) as flite asks for. Node's own `node:wasi` would let it see a real folder,
 * warns that it is experimental, and crashes the process when flite's memory grows (github.com/nodejs/node/issues/53087).
 * Throws where flite does.
 * @param {(imports: object) => FliteExports} instantiate
 * @param {string} voice
 * @param {string} text
 * @param {number} [stretch] How much longer every sound is than flite's measure. Default: as the voice has it.
 * @returns {Uint8Array}
 */
export function runFlite(instantiate, voice, text, stretch) {
  const input = Buffer.from(text)
  /** @type {Map<string, MemoryFile>} */
  const files = new Map([
    ['text', { bytes: input, size: input.length }],
    ['wav', { bytes: new Uint8Array(1 << 18), size: 0 }],
  ])
  /** @type {Map<number, OpenFile>} */
  const open = new Map()
  let nextDescriptor = folderDescriptor + 1
  const argv = args(voice, stretch)

  // Its memory may have grown since the last call, which makes another buffer of it.
  const view = () => new DataView(exports.memory.buffer)
  const bytes = (/** @type {number} */ at, /** @type {number} */ length) => new Uint8Array(exports.memory.buffer, at, length)
  const chunks = (/** @type {number} */ list, /** @type {number} */ count) =>
    Array.from({ length: count }, (_, index) => bytes(view().getUint32(list + index * 8, true), view().getUint32(list + index * 8 + 4, true)))

  /** @type {Record<string, (...args: any[]) => number>} */
  const wasi = {
    args_sizes_get(count, size) {
      view().setUint32(count, argv.length, true)
      view().setUint32(size, Buffer.concat(argv).length, true)
      return success
    },
    args_get(list, at) {
      for (const [index, arg] of argv.entries()) {
        view().setUint32(list + index * 4, at, true)
        bytes(at, arg.length).set(arg)
        at += arg.length
      }
      return success
    },
    clock_time_get(_clock, _precision, time) {
      view().setBigUint64(time, 0n, true)
      return success
    },
    fd_prestat_get(descriptor, at) {
      if (descriptor !== folderDescriptor) return badDescriptor
      view().setUint32(at, 0, true) // a folder
      view().setUint32(at + 4, 1, true)
      return success
    },
    fd_prestat_dir_name(_descriptor, at, length) {
      bytes(at, length).set(Buffer.from('/'))
      return success
    },
    fd_fdstat_get(descriptor, at) {
      const kind = descriptor === folderDescriptor ? 3 : open.has(descriptor) ? 4 : 2 // folder, file, terminal
      bytes(at, 24).fill(0)
      view().setUint8(at, kind)
      bytes(at + 8, 16).fill(0xff) // may do everything
      return success
    },
    fd_fdstat_set_flags: () => success,
    path_open(_folder, _follow, path, length, creation, _rights, _inherited, _flags, descriptor) {
      const file = files.get(Buffer.from(bytes(path, length)).toString())
      if (!file) return noSuchFile
      if (creation & 8) file.size = 0
      open.set(nextDescriptor, { file, at: 0 })
      view().setUint32(descriptor, nextDescriptor++, true)
      return success
    },
    fd_close: (descriptor) => (open.delete(descriptor) ? success : badDescriptor),
    fd_seek(descriptor, offset, from, result) {
      const opened = open.get(descriptor)
      if (!opened) return badDescriptor
      opened.at = Number(offset) + (from === 1 ? opened.at : from === 2 ? opened.file.size : 0)
      view().setBigUint64(result, BigInt(opened.at), true)
      return success
    },
    fd_read(descriptor, list, count, result) {
      const opened = open.get(descriptor)
      if (!opened) return badDescriptor
      let total = 0
      for (const chunk of chunks(list, count)) {
        const part = opened.file.bytes.subarray(opened.at, Math.min(opened.at + chunk.length, opened.file.size))
        chunk.set(part)
        opened.at += part.length
        total += part.length
      }
      view().setUint32(result, total, true)
      return success
    },
    fd_write(descriptor, list, count, result) {
      const opened = open.get(descriptor) // what it prints is written nowhere
      let total = 0
      for (const chunk of chunks(list, count)) {
        if (opened) write(opened, chunk)
        total += chunk.length
      }
      view().setUint32(result, total, true)
      return success
    },
    proc_exit(code) {
      throw new Exit(code)
    },
  }

  const exports = instantiate({ wasi_snapshot_preview1: wasi })
  try {
    exports._start()
  } catch (error) {
    if (!(error instanceof Exit)) throw error
    if (error.code !== 0) throw new Error(`flite ended with exit code ${error.code}`, { cause: error })
  }
  const wav = files.get('wav')
  return wav ? wav.bytes.subarray(0, wav.size) : new Uint8Array()
}

/**
 * @param {OpenFile} opened
 * @param {Uint8Array} chunk
 */
function write(opened, chunk) {
  const { file } = opened
  const end = opened.at + chunk.length
  if (end > file.bytes.length) {
    const grown = new Uint8Array(Math.max(end, file.bytes.length * 2))
    grown.set(file.bytes.subarray(0, file.size))
    file.bytes = grown
  }
  file.bytes.set(chunk, opened.at)
  opened.at = end
  file.size = Math.max(file.size, end)
}

class Exit extends Error {
  constructor(/** @type {number} */ code) {
    super(`exit code ${code}`)
    this.code = code
  }
}
