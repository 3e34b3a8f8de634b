/** How many random orchestrators are run. As a variable, for the worker registers them: Trigger.dev knows only what was there when it was built. */
export const seedsVariable = 'TRIGGER_E2E_SEEDS'

/** Of the random orchestrators, 11 halts while what it is to stop has not begun yet. */
const chosen = [0, 1, 3, 6, 11, 12, 16, 21]

/** The seeds of the random orchestrators: eight, or as many as the variable says. */
export const registeredSeeds: readonly number[] = seedsOf(process.env[seedsVariable])

function seedsOf(count: string | undefined): readonly number[] {
  return count === undefined ? chosen : Array.from({ length: Number(count) }, (_, seed) => seed)
}
