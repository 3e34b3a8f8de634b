import { orchestratorDef } from './4-2-orchestrator.ts'
import { runOrchestrator, runSingleTask } from './media-runner.ts'

async function runMyFlow() {
  const allTrackOutputs = await runOrchestrator(orchestratorDef);

  // Final single task merge
  const finalAudioUrl = allTrackOutputs.AudioProcessingTrack?.finalAudio;
  const finalVideoUrl = allTrackOutputs.VideoProcessingTrack?.finalVideo;
  const mergedResult = await runSingleTask("merge_audio_video", {
    audioUrl: finalAudioUrl,
    videoUrl: finalVideoUrl,
  });
  console.log("Merged final MP4:", mergedResult);
}

export { runMyFlow }
