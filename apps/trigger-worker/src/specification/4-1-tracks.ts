import { TypedTrackDefinition } from "@track-orchestrator/core"; // your typed definitions

export const audioTrack: TypedTrackDefinition = {
  name: "AudioProcessingTrack",
  tasks: [
    { taskName: "media_audio_extract" },
    { taskName: "deepgram_speech_to_text" },
    { taskName: "convert_json_to_srt" },
    { taskName: "split_srt_into_segments" },
    { taskName: "elevenlabs_text_to_speech_batch" },
    { taskName: "combine_audio_segments" },
  ],
};

export const videoTrack: TypedTrackDefinition = {
  name: "VideoProcessingTrack",
  tasks: [
    { taskName: "video_strip_audios" },
    { taskName: "split_video" },
    { taskName: "transcode_video_segments" },
    { taskName: "combine_video_segments" },
  ],
};
