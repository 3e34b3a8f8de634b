import { defineCompositeTrack, defineTrack } from '../registry.ts'

const audioExtractTrack = defineTrack({
  name: 'AudioExtractTrack',
  tasks: [{ taskName: 'media_audio_extract', inputMapper: ({ url }) => ({ url, format: 'mp3' }) }],
})

const speechToTextTrack = defineTrack({
  name: 'SpeechToTextTrack',
  tasks: [{ taskName: 'media_audio_extract' }, { taskName: 'deepgram_speech_to_text' }],
})

/** The sound of a video as MP3 and, at the same time, what is said in it. Takes `{ url }`. */
export const compositeAudioProcessingTrack = defineCompositeTrack({
  name: 'CompositeAudioProcessing',
  type: 'composite',
  enableSupabaseLogging: true,
  subTracks: [audioExtractTrack, speechToTextTrack],
  mergeStrategy: ([audio, speech]) => ({ combinedAudio: audio.audioUrl, combinedTranscription: speech.transcript }),
})
