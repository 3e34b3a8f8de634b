/** The random orchestrators that the fixture registers: Trigger.dev knows only what was there when the worker was built. */
export const registeredSeeds: readonly number[] = Array.from({ length: 25 }, (_, seed) => seed)
