import type { TypedTrackDefinition } from './2-3-typed-track.ts'

export interface CompositeTrackDefinition extends TypedTrackDefinition {
  type: "composite";
  /**
   * Each subTrack can run in parallel or partial-parallel, depending on your logic.
   */
  subTracks: TypedTrackDefinition[];
  /**
   * Merges outputs from each subTrack in a custom way.
   */
  mergeStrategy: (outputs: Record<string, any>[]) => Promise<any>;
}

// Example usage
const compositeTrack: CompositeTrackDefinition = {
  name: "CompositeAudioProcessing",
  type: "composite",
  tasks: [], // you can have top-level tasks if needed
  subTracks: [
    { name: "AudioExtractTrack", tasks: [ /* ...typed tasks... */ ] },
    { name: "SpeechToTextTrack", tasks: [ /* ...typed tasks... */ ] },
  ],
  mergeStrategy: async (outputs) => {
    // Combine sub-track results
    return {
      combinedAudio: outputs[0],
      combinedTranscription: outputs[1],
    };
  }
};

export { compositeTrack }
