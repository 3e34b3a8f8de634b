/** What files of sound, pictures and archives begin with. `at`: where it stands, if not at the beginning. */
const beginnings: readonly { readonly name: string; readonly bytes: string; readonly at?: number }[] = [
  { name: 'a WAV file', bytes: 'RIFF' },
  { name: 'a WAV file', bytes: 'RIFX' },
  { name: 'an Ogg file', bytes: 'OggS' },
  { name: 'an MP3 file', bytes: 'ID3' },
  { name: 'a FLAC file', bytes: 'fLaC' },
  { name: 'an MP4 file', bytes: 'ftyp', at: 4 },
  { name: 'an AIFF file', bytes: 'FORM' },
  { name: 'an AU file', bytes: '.snd' },
  { name: 'a CAF file', bytes: 'caff' },
  { name: 'a WebM file', bytes: '\x1a\x45\xdf\xa3' },
  { name: 'a compressed file', bytes: '\x1f\x8b\x08' },
  { name: 'a compressed file', bytes: 'PK\x03\x04' },
]
/** Raw sound would have to be loud from its first sample to its thirty-second to look like this. */
const textBytes = 64

/** What the bytes are, where they begin as no raw 16-bit sound does: a file of another kind, or a text. Nothing where they may be sound. */
export function noRawSound(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, textBytes)).toString('latin1')
  const known = beginnings.find(({ bytes: beginning, at = 0 }) => head.startsWith(beginning, at))
  if (known) return known.name
  if (isFrames(bytes, mpegFrameBytes)) return 'an MP3 file'
  if (isFrames(bytes, adtsFrameBytes)) return 'an AAC file'
  const text = head.replace(/^\xef\xbb\xbf/, '')
  if (/^\s*(?:<[!?a-z]|[{[]\s*["{[\]}])/i.test(text) || (head.length >= 8 && /^[\t\n\r\x20-\x7e]+$/.test(text))) return 'a text'
  return undefined
}

/** Two samples may look like the head of a frame by chance; not a second time where that frame ends. */
function isFrames(bytes: Uint8Array, frameBytes: (bytes: Uint8Array, at: number) => number | undefined): boolean {
  const first = frameBytes(bytes, 0)
  return first !== undefined && first <= bytes.byteLength && (first === bytes.byteLength || frameBytes(bytes, first) !== undefined)
}

const kilobitsOfLayer3 = [
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320], // MPEG-1
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160], // MPEG-2 and 2.5
]
const ratesOfMpeg1 = [44_100, 48_000, 32_000]

/** The length of the MPEG layer III frame that begins here (ISO 11172-3, 2.4.1.3). */
function mpegFrameBytes(bytes: Uint8Array, at: number): number | undefined {
  const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3)
  const version = (second >> 3) & 3 // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
  if (first !== 0xff || second < 0xe0 || version === 1 || ((second >> 1) & 3) !== 1) return undefined
  const kilobits = kilobitsOfLayer3[version === 3 ? 0 : 1]?.[third >> 4]
  const rateOfMpeg1 = ratesOfMpeg1[(third >> 2) & 3]
  if (!kilobits || rateOfMpeg1 === undefined) return undefined
  const rate = version === 3 ? rateOfMpeg1 : rateOfMpeg1 / (version === 2 ? 2 : 4)
  return Math.floor(((version === 3 ? 144 : 72) * kilobits * 1_000) / rate) + ((third >> 1) & 1)
}

/** The length of the ADTS frame that begins here (ISO 13818-7, 6.2). */
function adtsFrameBytes(bytes: Uint8Array, at: number): number | undefined {
  const [first = 0, second = 0, , fourth = 0, fifth = 0, sixth = 0] = bytes.subarray(at, at + 6)
  if (first !== 0xff || (second & 0xf6) !== 0xf0) return undefined
  const size = ((fourth & 3) << 11) | (fifth << 3) | (sixth >> 5)
  return size > 7 ? size : undefined
}
