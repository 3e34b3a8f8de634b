// @ts-check
import { readFileSync } from 'node:fs'
import { runFlite } from './flite-program.js'

// A process that speaks one job at a time: { voice, pieces, stretch } in, { samples, sampleRateHz } or { failure } out.
// It is started with the path of flite's WebAssembly and with --expose-gc.

/** Node's own types do not name them. @type {any} */
const { WebAssembly, gc } = globalThis
const module = compile(process.argv[2] ?? '')
const instantiate = (/** @type {object} */ imports) => new WebAssembly.Instance(module, imports).exports

process.on('message', (/** @type {{ voice: string, pieces: readonly string[], stretch?: number }} */ { voice, pieces, stretch }) => {
  try {
    process.send?.(speak(voice, pieces, stretch))
  } catch (error) {
    process.send?.({ failure: error instanceof Error ? error.message : String(error) })
  }
})

/**
 * V8 keeps a copy of the file: the one that was read, 20 MB as well, goes before the first piece.
 * @param {string} path
 */
function compile(path) {
  const compiled = new WebAssembly.Module(readFileSync(path))
  gc()
  return compiled
}

/**
 * Each piece takes a memory of 20 MB and more, and V8 lets several of them gather before it looks: so they are collected one by one.
 * @param {string} voice
 * @param {readonly string[]} pieces
 * @param {number} [stretch]
 */
function speak(voice, pieces, stretch) {
  const clips = pieces.map((piece) => {
    const clip = readWav(runFlite(instantiate, voice, piece, stretch))
    gc()
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
