/** What every step may say, whatever it runs and how often. */
export interface AnyRun<Output, Arguments extends unknown[]> {
  /** Name of the step in `outputs`. Default: the task's or track's name. */
  readonly id?: string
  /** Answers whether the step runs. One that does not leaves `undefined` in `outputs`, and the previous output as it was. */
  readonly when?: (...parameters: Arguments) => boolean
  /** What a failure of the step means: the track fails (`halt`, the default), goes on without its output, or with the fallback. */
  readonly onError?: 'halt' | 'continue' | { readonly fallback: Output }
}
