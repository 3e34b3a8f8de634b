import type { TrackDefinition } from '@track-orchestrator/core'
import { runTrack, task } from './execute-task.ts'

const yourTrack: TrackDefinition = {
  name: "YOUR_TRACK_NAME",
  enableSupabaseLogging: true, // Optional
  tasks: [
    {
      taskName: "first_task",
      // First task gets raw input
    },
    {
      taskName: "second_task",
      inputMapper: (prevOutput, originalInput) => ({
        // Map previous output to this task's input
        someField: prevOutput.result,
        // Always preserve trampData
        trampData: prevOutput.trampData
      })
    }
  ]
};

export const runYourTrack = task({
  id: "YOUR_TRACK_NAME",
  run: async (payload, { ctx }) => {
    const result = await runTrack(yourTrack, payload, ctx);
    return {
      job: { success: true },
      results: { trackOutput: result },
      metadata: {},
      trampData: payload.trampData
    };
  }
});

export { yourTrack }
