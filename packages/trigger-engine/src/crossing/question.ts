/** The tag by which the questions of a walk are found. Two walks of one run (`run_1` and `run_1#2`) share it. */
export const asksTag = (walkId: string): string => `asks:${walkId.split('#', 1)[0]!}`

const atTag = 'at:'
/** A tag has at most 128 characters: the end of a path tells more than its beginning. */
const longestPath = 120

/** The tag that says where a question is asked. */
export const askedAtTag = (path: string): string => `${atTag}${path.slice(-longestPath)}`

/** Where a question is asked, or the end of that. */
export const askedAt = (tags: readonly string[]): string => tags.find((tag) => tag.startsWith(atTag))?.slice(atTag.length) ?? ''

/** The key of a run's metadata under which a question is shown. */
export const questionKey = (path: string): string => `question ${path}`

/** An answer as we complete a token with it. `by`: who of several was heard. What a person enters in the dashboard is the answer itself. */
export interface GivenAnswer {
  readonly answer: unknown
  readonly by: string
}

const byMark = 'track-orchestrator/'
export const givenBy = (id: string): string => byMark + id

/** The answer in what a token was completed with. */
export function answerIn(output: unknown): unknown {
  const { by, answer } = (output ?? {}) as Partial<GivenAnswer>
  return typeof by === 'string' && by.startsWith(byMark) ? answer : output
}

/** Whether a halt has completed the token, and nobody's answer. */
export const isHalted = (output: unknown): boolean => (output as { readonly halted?: unknown } | null | undefined)?.halted === true
