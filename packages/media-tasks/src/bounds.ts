import { DefinitionError } from '@track-orchestrator/registry'

/** Sees that each number is a whole one within its bounds, both ends included. Throws `definition_invalid`, naming `what` and the option. */
export function checkBounds<Name extends string>(what: string, values: NoInfer<Readonly<Record<Name, number>>>, bounds: Readonly<Record<Name, readonly [number, number]>>): void {
  for (const [name, [least, most]] of Object.entries(bounds) as [Name, readonly [number, number]][]) {
    const value = values[name]
    if (Number.isInteger(value) && value >= least && value <= most) continue
    throw new DefinitionError(`${what}.${name} must be a whole number from ${least} to ${most} (got ${value})`)
  }
}
