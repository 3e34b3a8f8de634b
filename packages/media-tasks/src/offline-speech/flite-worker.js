// @ts-check
import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { runFlite } from './flite-program.js'

// One worker speaks one job at a time: { voice, pieces } in, { samples, sampleRateHz } or { failure } out.

/** Node's own types do not name it. @type {any} */
const { WebAssembly } = globalThis

// Each piece takes a memory of 20 MB and more, and V8 lets several of them gather before it looks: twice to three times the memory of
// this process, and more time in the end. So they are collected one by one. Only this thread gets to see `gc`.
setFlagsFromString('--expose-gc')
/** @type {() => void} */
const collectGarbage = runInNewContext('gc')

const module = compile(workerData.wasmPath)
const instantiate = (/** @type {object} */ imports) => new WebAssembly.Instance(module, imports).exports

parentPort?.on('message', ({ voice, pieces }) => {
  try {
    const { samples, sampleRateHz } = speak(voice, pieces)
    answer({ samples, sampleRateHz }, [samples.buffer])
  } catch (error) {
    answer({ failure: error instanceof Error ? error.message : String(error) }, [])
  }
})

/**
 * V8 keeps a copy of the file: the one that was read, 20 MB as well, goes before the first piece.
 * @param {string} path
 */
function compile(path) {
  const compiled = new WebAssembly.Module(readFileSync(path))
  collectGarbage()
  return compiled
}

/**
 * @param {string} voice
 * @param {readonly string[]} pieces
 */
function speak(voice, pieces) {
  const clips = pieces.map((piece) => {
    const clip = readWav(runFlite(instantiate, voice, piece))
    collectGarbage()
    return clip
  })
  const samples = new Int16Array(clips.reduce((sum, clip) => sum + clip.samples.length, 0))
  let at = 0
  for (const clip of clips) {
    samples.set(clip.samples, at)
    at += clip.samples.length
  }
  return { samples, sampleRateHz: clips[0]?.sampleRateHz ?? 16_000 }
}

/**
 * flite writes the plainest WAV there is: 44 bytes of header, then 16-bit PCM of one channel.
 * @param {Uint8Array} wav
 */
function readWav(wav) {
  const sampleRateHz = new DataView(wav.buffer, wav.byteOffset, wav.byteLength).getUint32(24, true)
  return { sampleRateHz, samples: new Int16Array(wav.slice(44, wav.length - (wav.length % 2)).buffer) }
}

/**
 * @param {object} message
 * @param {readonly ArrayBuffer[]} transferred
 */
function answer(message, transferred) {
  parentPort?.postMessage(message, transferred)
}
