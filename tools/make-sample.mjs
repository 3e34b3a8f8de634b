// Remakes apps/trigger-worker/sample: a short WebM with a human voice, and what is said in it in the shape of Deepgram's answer.
// Needs Debian's ffmpeg and fonts-dejavu-core, and pocketsphinx, pocketsphinx-en-us and pocketsphinx-testdata, which holds the voice.
// Run it by hand, `node tools/make-sample.mjs`; the result is committed. See apps/trigger-worker/sample/LICENCE.md.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const voiceFolder = '/usr/share/pocketsphinx/test/data/librivox'
const modelFolder = '/usr/share/pocketsphinx/model/en-us'
const sampleFolder = fileURLToPath(new URL('../apps/trigger-worker/sample/', import.meta.url))
const workFolder = mkdtempSync(join(tmpdir(), 'make-sample-'))

const lengthSeconds = 30
const framesPerSecond = 25
const rate = 16_000
/** As they follow each other in the book, chapter 1; what lies between the third and the fourth was not recorded here. */
const readings = [
  { file: '0870', at: 1.2, text: 'And Mr. John Dashwood had then leisure to consider how much there might be prudently in his power to do for them.' },
  { file: '0880', at: 8.6, text: 'He was not an ill-disposed young man,' },
  { file: '0890', at: 11.7, text: 'unless to be rather cold hearted and rather selfish is to be ill-disposed.' },
  { file: '0920', at: 17.8, text: 'Had he married a more amiable woman, he might have been made still more respectable than he was;' },
  { file: '0930', at: 24.3, text: 'he might even have been made amiable himself.' },
]

try {
  const spoken = readings.map((reading) => {
    const path = `${voiceFolder}/sense_and_sensibility_01_austen_64kb-${reading.file}.wav`
    const samples = readSamples(path)
    return { ...reading, samples, words: align(path, samples, reading.text).map((word) => shift(word, reading.at)) }
  })
  mkdirSync(sampleFolder, { recursive: true })
  const wavPath = join(workFolder, 'voice.wav')
  writeFileSync(wavPath, wav(mix(spoken)))
  writeFileSync(join(workFolder, 'words.ass'), titles(spoken))
  makeVideo(wavPath, join(sampleFolder, 'sense-and-sensibility.webm'))
  writeFileSync(join(sampleFolder, 'sense-and-sensibility.deepgram.json'), `${JSON.stringify(deepgramAnswer(spoken), null, 1)}\n`)
  console.log(`${statSync(join(sampleFolder, 'sense-and-sensibility.webm')).size} bytes`)
} finally {
  rmSync(workFolder, { recursive: true })
}

/** 16-bit PCM after a header of 44 bytes, as all of these files are. */
function readSamples(path) {
  const bytes = readFileSync(path)
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + bytes.length - (bytes.length % 2)))
}

/** When each word is said: pocketsphinx is given a grammar that allows these words only, so that all it can do is to find them. */
function align(path, samples, text) {
  const tokens = text.split(' ').map((shown) => ({ shown, said: shown.toLowerCase().replace('mr.', 'mister').replace(/[^a-z-]/g, '').split('-') }))
  const grammarPath = join(workFolder, 'words.gram')
  writeFileSync(grammarPath, `#JSGF V1.0; grammar words; public <words> = ${tokens.flatMap(({ said }) => said).join(' ')} ;`)
  const options = ['-hmm', `${modelFolder}/en-us`, '-dict', `${modelFolder}/cmudict-en-us.dict`, '-jsgf', grammarPath, '-time', 'yes', '-logfn', '/dev/null']
  const printed = execFileSync('pocketsphinx_continuous', ['-infile', path, ...options], { encoding: 'utf8' })
  const found = [...printed.matchAll(/^([a-z]+)(?:\(\d\))? ([\d.]+) ([\d.]+) [\d.]+$/gm)].map(([, said, start, end]) => ({ said, start: Number(start), end: Number(end) + 0.01 }))
  return tokens.map(({ shown, said }, place) => {
    const parts = found.splice(0, said.length)
    if (parts.map((part) => part.said).join('-') !== said.join('-')) throw new Error(`"${shown}" of ${path} was not found`)
    return { shown, ...withoutSilence(samples, parts[0].start, parts.at(-1).end, place === tokens.length - 1) }
  })
}

/** A word begins and ends with its sound; pocketsphinx lets it last until the next, and may let the last one end too soon. */
function withoutSilence(samples, start, end, isLast) {
  const loudness = (seconds) => {
    const part = samples.subarray(Math.max(0, Math.round((seconds - 0.015) * rate)), Math.round((seconds + 0.015) * rate))
    return Math.hypot(...part) / Math.sqrt(part.length)
  }
  const moments = Array.from({ length: Math.floor((samples.length / rate) * 100) }, (_, place) => loudness(place / 100))
  const threshold = Math.max(...moments) / 25
  while (start < end - 0.05 && loudness(start) < threshold) start += 0.01
  while (isLast && end < samples.length / rate - 0.02 && loudness(end) >= threshold) end += 0.01
  while (end > start + 0.05 && loudness(end) < threshold) end -= 0.01
  return { start, end }
}

function shift({ shown, start, end }, seconds) {
  return { shown, start: Number((start + seconds).toFixed(2)), end: Number((end + seconds).toFixed(2)) }
}

/** The readings one after the other, brought to about the same loudness. */
function mix(spoken) {
  const all = new Int16Array(lengthSeconds * rate)
  for (const { samples, at } of spoken) {
    const peak = samples.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0)
    all.set(samples.map((sample) => Math.round((sample / peak) * 23_000)), Math.round(at * rate))
  }
  return all
}

function wav(samples) {
  const header = Buffer.alloc(44)
  header.write('RIFF....WAVEfmt ', 0, 'latin1')
  header.writeUInt32LE(36 + samples.byteLength, 4)
  for (const [at, value] of [[16, 16], [24, rate], [28, rate * 2], [40, samples.byteLength]]) header.writeUInt32LE(value, at) // prettier-ignore
  for (const [at, value] of [[20, 1], [22, 1], [32, 2], [34, 16]]) header.writeUInt16LE(value, at) // prettier-ignore
  header.write('data', 36, 'latin1')
  return Buffer.concat([header, Buffer.from(samples.buffer)])
}

/** Title and words for libass: each word fills with colour while it is said (Aegisub manual, "ASS tags", \kf). */
function titles(spoken) {
  const lines = spoken.map(({ words }) => {
    const [begin, end] = [words[0].start - 0.4, words.at(-1).end + 0.25]
    let at = begin
    const text = words.map(({ shown, start, end: until }) => {
      const wait = `{\\k${Math.round((start - at) * 100)}}`
      at = until
      return `${wait}{\\kf${Math.round((until - start) * 100)}}${shown}`
    })
    return `Dialogue: 0,${clock(begin)},${clock(end)},Words,,0,0,0,,{\\fad(150,150)}${text.join(' ')}`
  })
  return `[Script Info]
ScriptType: v4.00+
PlayResX: 640
PlayResY: 360
WrapStyle: 0
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Title,DejaVu Serif,30,&H00FFFFFF,&H00FFFFFF,&H60402010,&H80000000,0,0,0,0,100,100,1,0,1,0,1,8,40,40,40,1
Style: Author,DejaVu Serif,15,&H30FFFFFF,&H30FFFFFF,&H60402010,&H80000000,0,-1,0,0,100,100,1,0,1,0,1,8,40,40,82,1
Style: Words,DejaVu Serif,23,&H00FFFFFF,&H70FFFFFF,&H90402010,&H80000000,0,0,0,0,100,100,0,0,1,0.6,1,5,60,60,0,1
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.00,0:01:00.00,Title,,0,0,0,,Sense and Sensibility
Dialogue: 0,0:00:00.00,0:01:00.00,Author,,0,0,0,,Jane Austen, read for LibriVox
${lines.join('\n')}
`
}

function clock(seconds) {
  return `0:00:${seconds.toFixed(2).padStart(5, '0')}`
}

function makeVideo(wavPath, path) {
  const size = '640x360'
  // Two slow waves of colour, drawn small and made large: smooth, and cheap to encode.
  const wave = (x, y, seconds) => `(0.5+0.5*sin(2*PI*(${x}*X/W+${y}*Y/H+T/${seconds})))`
  const colours = { r: `26+96*${wave(0.45, 0.3, 26)}`, g: `34+34*${wave(0.3, -0.4, 19)}`, b: `78+58*${wave(-0.35, 0.35, 23)}` }
  const sky = Object.entries(colours).map(([channel, level]) => `${channel}='${level}'`).join(':')
  const picture = [
    `color=s=64x36:r=${framesPerSecond}:d=${lengthSeconds},format=gbrp,geq=${sky},scale=${size.replace('x', ':')}:flags=bicubic,format=yuv420p[sky]`,
    `[0:a]aresample=48000,showwaves=s=640x90:mode=cline:r=${framesPerSecond}:scale=sqrt:colors=white@0.55[waves]`,
    `[sky][waves]overlay=0:262:shortest=1,ass=words.ass,trim=end_frame=${lengthSeconds * framesPerSecond}[picture]`,
  ]
  const video = ['-c:v', 'libvpx-vp9', '-deadline', 'good', '-cpu-used', '2', '-row-mt', '1', '-crf', '36', '-b:v', '0', '-g', String(framesPerSecond * 2), '-pix_fmt', 'yuv420p']
  const audio = ['-c:a', 'libopus', '-b:a', '48k', '-ar', '48000', '-ac', '1']
  const tags = ['-map_metadata', '-1', '-metadata', 'title=Sense and Sensibility', '-metadata', 'artist=Jane Austen, read for LibriVox (public domain)']
  const args = ['-nostdin', '-y', '-v', 'error', '-i', wavPath, '-filter_complex', picture.join(';'), '-map', '[picture]', '-map', '0:a', ...video, ...audio, ...tags, path]
  execFileSync('ffmpeg', args, { cwd: workFolder, stdio: ['ignore', 'inherit', 'inherit'] })
}

/** Deepgram's documented answer (its API reference, "Pre-recorded audio"). Its metadata says that Deepgram had no part in it. */
function deepgramAnswer(spoken) {
  const id = 'made-offline-without-deepgram'
  const said = spoken.map(({ words }) => words.map(toWord))
  const transcript = (words) => words.map((word) => word.punctuated_word).join(' ')
  return {
    metadata: {
      request_id: id,
      note: 'Deepgram had no part in this. The text is the true one, put in by hand; pocketsphinx was made to find the words in the recording. Made by tools/make-sample.mjs.',
      created: '2026-11-22T00:00:00.000Z',
      duration: lengthSeconds,
      channels: 1,
      models: [id],
      model_info: { [id]: { name: id, version: '1', arch: 'none' } },
    },
    results: {
      channels: [{ alternatives: [{ transcript: transcript(said.flat()), confidence: 1, words: said.flat() }], detected_language: 'en' }],
      utterances: said.map((words, index) => {
        const [start, end] = [words[0].start, words.at(-1).end]
        return { start, end, confidence: 1, channel: 0, transcript: transcript(words), words, speaker: 0, id: `utterance-${index}` }
      }),
    },
  }
}

function toWord({ shown, start, end }) {
  return { word: shown.toLowerCase().replace(/[^a-z-]/g, ''), start, end, confidence: 1, speaker: 0, speaker_confidence: 1, punctuated_word: shown }
}
