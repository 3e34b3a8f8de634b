/** A task as the SDK's `task()` makes it, as far as its types are needed: what it takes and what comes out. */
export interface AnyTask {
  readonly id: string
  // The payload stands where a function takes it: only `any` accepts every task.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly trigger: (payload: any, ...rest: any[]) => unknown
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly triggerAndWait: (payload: any, ...rest: any[]) => PromiseLike<unknown>
}

/** What the task may be called. */
export type TaskId<T extends AnyTask> = T['id']
/** What the task takes. */
export type TaskPayload<T extends AnyTask> = Parameters<T['trigger']>[0]
/** What comes out of the task. */
export type TaskOutput<T extends AnyTask> = Extract<Awaited<ReturnType<T['triggerAndWait']>>, { ok: true }> extends { output: infer Output } ? Output : unknown
