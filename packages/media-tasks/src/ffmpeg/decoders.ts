/**
 * The decoders that may run on a file, by the names they have in the builds of the last years (ffmpeg -decoders). What people
 * record, edit and publish is among them; the hundreds for games and machines of the past are not, for nobody looks after those.
 */
const video = [
  'h264', 'hevc', 'vp8', 'libvpx', 'vp9', 'libvpx-vp9', 'av1', 'libdav1d', 'libaom-av1', 'mpeg4', 'msmpeg4v2', 'msmpeg4', 'h263',
  'mpeg1video', 'mpeg2video', 'mpegvideo', 'theora', 'prores', 'dnxhd', 'dvvideo', 'mjpeg', 'cfhd', 'qtrle',
  'ffv1', 'huffyuv', 'ffvhuff', 'utvideo', 'rawvideo', 'png',
] // prettier-ignore

const audio = [
  'aac', 'aac_fixed', 'aac_latm', 'libfdk_aac', 'mp3', 'mp3float', 'mp2', 'mp2float', 'mp1', 'mp1float', 'opus', 'libopus', 'vorbis', 'libvorbis',
  'flac', 'alac', 'ac3', 'ac3_fixed', 'eac3', 'dca', 'truehd', 'amrnb', 'amrwb', 'libopencore_amrnb', 'libopencore_amrwb', 'adpcm_ms', 'adpcm_ima_wav',
  'adpcm_ima_qt', 'pcm_alaw', 'pcm_mulaw', 'pcm_u8', 'pcm_s8', 'pcm_s16le', 'pcm_s16be', 'pcm_s24le', 'pcm_s24be', 'pcm_s32le', 'pcm_s32be',
  'pcm_f32le', 'pcm_f32be', 'pcm_f64le', 'pcm_f64be',
] // prettier-ignore

/** Never decoded by us, but they are often there, and ffprobe opens whatever a file holds: see `streamFfprobe`. */
const subtitles = ['subrip', 'srt', 'ass', 'ssa', 'webvtt', 'mov_text', 'text', 'dvdsub', 'dvbsub', 'pgssub', 'xsub', 'cc_dec', 'libzvbi_teletextdec']

export const decoders: readonly string[] = [...video, ...audio, ...subtitles]

/** What these decoders read, by the names of codecs that ffprobe gives, where those are others. */
const otherNames = ['msmpeg4v3', 'dts', 'amr_nb', 'amr_wb']
const readable: ReadonlySet<string> = new Set([...video, ...audio, ...otherNames])

/** Whether pictures or sounds of this codec can be worked on. */
export const isReadableCodec = (codec: string): boolean => readable.has(codec)
