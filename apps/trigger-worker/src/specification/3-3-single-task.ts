import { executeTask } from './execute-task.ts'

export async function runSingleTask(taskName: string, input: any) {
  return executeTask(taskName, input);
}
