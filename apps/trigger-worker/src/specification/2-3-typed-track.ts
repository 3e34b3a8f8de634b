import type { TaskRegistry } from '@track-orchestrator/registry/media'

type TaskInput<T extends keyof TaskRegistry> = TaskRegistry[T]["input"];
type TaskOutput<T extends keyof TaskRegistry> = TaskRegistry[T]["output"];

export interface TypedTrackTaskDefinition<T extends keyof TaskRegistry> {
  taskName: T;
  /**
   * Maps the previous task’s output type to this task’s input type.
   */
  inputMapper?: (prevOutput: TaskOutput<any>) => TaskInput<T>;
}

export interface TypedTrackDefinition {
  name: string;
  tasks: TypedTrackTaskDefinition<keyof TaskRegistry>[];
}
