import { executeTask } from './execute-task.ts'

export interface TrackTaskDefinition {
  taskName: string;
  /**
   * Maps the previous task’s output to this task’s input (or static input).
   */
  inputMapper?: (prevOutput: any) => any;
}

export interface TrackDefinition {
  name: string;
  tasks: TrackTaskDefinition[];
}

/**
 * Example runner for a single Track
 */
export async function runTrack(track: TrackDefinition) {
  let prevOutput: any = null;
  for (const step of track.tasks) {
    const input = step.inputMapper ? step.inputMapper(prevOutput) : {};
    // e.g. call your actual task runner that references your Task Registry
    const output = await executeTask(step.taskName, input);
    prevOutput = output;
  }
}
