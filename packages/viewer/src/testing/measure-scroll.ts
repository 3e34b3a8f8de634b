import type { Page } from 'playwright-core'

/** The longest time between two frames, in milliseconds, while a list is scrolled from its beginning to its end: of several tries the best, for a machine may do other things besides. */
export async function longestFrameMs(page: Page, list: string, { tries = 8, enoughMs = 40 }: { readonly tries?: number; readonly enoughMs?: number } = {}): Promise<number> {
  let least = Infinity
  for (let at = 0; at < tries && least > enoughMs; at++) least = Math.min(least, await scrollThrough(page, list))
  return least
}

const scrollThrough = (page: Page, list: string): Promise<number> =>
  page.evaluate<number>(`new Promise((done) => {
    const box = document.querySelector('${list}')
    const frames = 60
    let [longest, last, frame] = [0, undefined, 0]
    box.scrollTop = 0
    const step = (now) => {
      if (last !== undefined) longest = Math.max(longest, now - last)
      last = now
      if (frame++ === frames) return done(longest)
      box.scrollTop = (box.scrollHeight * frame) / frames
      requestAnimationFrame(step)
    }
    requestAnimationFrame(() => requestAnimationFrame(step))
  })`)
