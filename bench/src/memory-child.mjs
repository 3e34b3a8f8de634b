// Runs the flagship flow alone in a process, and prints the most memory that the process ever took, in KiB.
// Plain JavaScript on the built packages, as their users run them: nothing else is loaded that takes memory.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRunner } from '@track-orchestrator/core/in-process'
import { createFileStorage, createMediaHandlers, createSpeechLadder, findFfmpeg } from '@track-orchestrator/media-tasks'
import { createFlite, createRecordedSpeech } from '@track-orchestrator/media-tasks/offline-speech'
import { tasks } from '@track-orchestrator/registry/media'

const [url, storageFolder] = process.argv.slice(2)
const storage = createFileStorage({ root: storageFolder, readableFolders: [dirname(fileURLToPath(url))] })
const handlers = createMediaHandlers({
  ffmpeg: await findFfmpeg(),
  storage,
  temporaryFolder: join(storageFolder, '.tmp'),
  speechToText: createSpeechLadder([createRecordedSpeech(storage)]),
  textToSpeech: createFlite(),
})
const track = (name, ...taskNames) => ({ name, tasks: taskNames.map((taskName) => ({ taskName })) })
const voiceConversion = {
  name: 'VoiceConversion',
  tracks: [
    track('AudioProcessingTrack', 'media_audio_extract', 'deepgram_speech_to_text', 'convert_json_to_srt', 'split_srt_into_segments', 'elevenlabs_text_to_speech_batch', 'combine_audio_segments'),
    track('VideoProcessingTrack', 'video_strip_audios', 'split_video', 'transcode_video_segments', 'combine_video_segments'),
  ],
  finalTask: {
    taskName: 'merge_audio_video',
    inputMapper: ({ AudioProcessingTrack, VideoProcessingTrack }) => ({ audioUrl: AudioProcessingTrack.finalAudio, videoUrl: VideoProcessingTrack.finalVideo }),
  },
}
const runner = createRunner({ registry: tasks, handlers, taskConcurrency: { transcode_video_segment: 2 } })
await runner.runOrchestrator(voiceConversion, { tenantId: 't', projectId: 'p', url })
console.log(process.resourceUsage().maxRSS)
