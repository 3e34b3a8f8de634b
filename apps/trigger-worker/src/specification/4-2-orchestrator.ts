import { OrchestratorDefinition } from "@track-orchestrator/core";
import { audioTrack, videoTrack } from "./4-1-tracks.ts";

export const orchestratorDef: OrchestratorDefinition = {
  name: "VideoAudioOrchestrator",
  tracks: [audioTrack, videoTrack],
  trackDependencies: {
    // e.g.: If "VideoProcessingTrack" depends on "AudioProcessingTrack"
    // "VideoProcessingTrack": ["AudioProcessingTrack"]
  },
  // If tracks need input from others, define trackInputMappings
};
