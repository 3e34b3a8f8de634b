/** One measured figure, and what it should not exceed. */
export interface Measurement {
  readonly name: string
  readonly ratio: number
  readonly limit: number
  /** What the ratio is made of, for whoever wants to know. */
  readonly detail: string
}
