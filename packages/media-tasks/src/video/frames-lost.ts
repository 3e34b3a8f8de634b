import { TerminalError } from '@track-orchestrator/registry'

/** Throws `media/frames_lost` where a result does not hold exactly the frames it should. */
export function requireFrames(what: string, expected: number, actual: number, advice = ''): void {
  if (expected === actual) return
  throw new TerminalError(`${what} has ${actual} frames instead of ${expected}.${advice && ` ${advice}`}`, { code: 'media/frames_lost' })
}
