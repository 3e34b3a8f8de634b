/**
 * Runs `lane` so many times side by side, and waits for all of them, also when one has failed: what is still on its way then must not
 * go on unseen. `onFailure` is told at once, to stop the others. Throws what failed first.
 */
export async function inLanes(count: number, lane: () => Promise<void>, onFailure: () => void): Promise<void> {
  let first: { readonly error: unknown } | undefined
  const lanes = Array.from({ length: count }, () => lane().catch((error: unknown) => {
    first ??= { error }
    onFailure()
  }))
  await Promise.all(lanes)
  if (first) throw first.error
}
