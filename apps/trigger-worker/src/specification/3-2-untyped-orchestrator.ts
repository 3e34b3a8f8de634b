import { runTrack, type TrackDefinition } from './2-2-untyped-track.ts'

export interface OrchestratorDefinition {
  name: string;
  tracks: TrackDefinition[]; // or TypedTrackDefinition[]
  trackDependencies?: Record<string, string[]>;
  trackInputMappings?: Record<string, (outputs: Record<string, any>) => any>;
}

/**
 * Example orchestrator runner
 */
export async function runOrchestrator(def: OrchestratorDefinition) {
  const outputs: Record<string, any> = {};
  const completed = new Set<string>();
  const depCount: Record<string, number> = {};

  // build dependency counts
  for (const trackDef of def.tracks) {
    depCount[trackDef.name] = def.trackDependencies?.[trackDef.name]?.length ?? 0;
  }

  // function to start tracks that have no remaining dependencies
  async function maybeStartTracks() {
    const ready = Object.entries(depCount)
      .filter(([trackName, count]) => count === 0 && !completed.has(trackName))
      .map(([trackName]) => trackName);

    await Promise.all(
      ready.map(async (trackName) => {
        // optional input
        let input = {};
        if (def.trackInputMappings && def.trackInputMappings[trackName]) {
          input = def.trackInputMappings[trackName](outputs);
        }

        const trackDef = def.tracks.find((t) => t.name === trackName)!;
        console.log(`Starting track: ${trackName}`);
        const result = await runTrack(trackDef /*, input if needed */);
        outputs[trackName] = result;
        completed.add(trackName);

        // reduce dependency count
        for (const [otherTrack, deps] of Object.entries(def.trackDependencies || {})) {
          if (deps.includes(trackName)) {
            depCount[otherTrack]--;
          }
        }

        await maybeStartTracks();
      })
    );
  }

  await maybeStartTracks();

  if (completed.size !== def.tracks.length) {
    throw new Error("Some tracks didn't complete. Possibly cyclical dependency or error.");
  }

  return outputs;
}
