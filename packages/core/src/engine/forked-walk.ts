/** Another value at a place in the input of a call. */
export interface Amendment {
  /** The path of the call. */
  readonly at: string
  /** Where in its input; empty for the whole. */
  readonly path: string
  readonly value: unknown
  /** The run that was forked had it already: it need not find its place any more. */
  readonly isInherited?: true
}

/** A walk, and the paths of what it did anew when it was forked from the one before. */
export interface WalkBranch {
  readonly walkId: string
  /** With a number, of one item. */
  readonly anew: readonly string[]
}

/** What a forked walk does otherwise than its definition says. Plain data: it is told to every process that walks a part of it. */
export interface ForkedWalk {
  /** The walk itself, then those that it was forked from. What none did anew is of the last, which is no fork. Absent where the engine remembers by other means. */
  readonly branches?: readonly WalkBranch[]
  /** What its calls are given otherwise than their mappers say. */
  readonly amendments?: readonly Amendment[]
}
