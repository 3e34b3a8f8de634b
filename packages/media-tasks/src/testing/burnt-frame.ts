/** How a frame carries its number: two rows of blocks, the second the negative of the first; below, a field that flashes. */
const bits = 16
const black = 16
const white = 235

/** Draws frames of one size, each with its number burnt in, as raw yuv420p. */
export function createFrameDrawer(width: number, height: number): (index: number, flash: boolean) => Buffer {
  const chromaSize = Math.ceil(width / 2) * Math.ceil(height / 2)
  const half = Math.floor(height / 2)
  const quarter = Math.floor(height / 4)
  return (index, flash) => {
    const frame = Buffer.alloc(width * height + 2 * chromaSize, 128)
    const positive = Buffer.alloc(width)
    const negative = Buffer.alloc(width)
    for (let x = 0; x < width; x++) {
      const isSet = (index >> Math.floor((x * bits) / width)) & 1
      positive[x] = isSet ? white : black
      negative[x] = isSet ? black : white
    }
    for (let y = 0; y < height; y++) {
      const row = y * width
      if (y < quarter) positive.copy(frame, row)
      else if (y < half) negative.copy(frame, row)
      // A slow gradient that moves, so that the encoder has something to do.
      else for (let x = 0; x < width; x++) frame[row + x] = flash ? white : 40 + (((x + y + index * 3) >> 2) & 63)
    }
    return frame
  }
}

/** What a decoded frame says of itself. */
export interface BurntFrame {
  /** -1 where the two rows contradict each other. */
  readonly index: number
  readonly flash: boolean
}

/** Reads a frame of gray pixels, of whatever size it has become. */
export function readBurntFrame(pixels: Buffer, width: number, height: number): BurntFrame {
  const mean = (fromX: number, toX: number, fromY: number, toY: number) => {
    let sum = 0
    let count = 0
    for (let y = Math.ceil(fromY * height); y < toY * height; y++) {
      for (let x = Math.ceil(fromX * width); x < toX * width; x++) {
        sum += pixels[y * width + x] ?? 0
        count++
      }
    }
    return sum / count
  }
  let index = 0
  for (let bit = 0; bit < bits; bit++) {
    const [from, to] = [(bit + 0.25) / bits, (bit + 0.75) / bits]
    const positive = mean(from, to, 0.05, 0.2) > 128
    const negative = mean(from, to, 0.3, 0.45) > 128
    if (positive === negative) return { index: -1, flash: false }
    if (positive) index |= 1 << bit
  }
  return { index, flash: mean(0.2, 0.8, 0.6, 0.9) > 170 }
}
