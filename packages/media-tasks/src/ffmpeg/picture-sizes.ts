/** Reads from what ffmpeg says which sizes the pictures have that it decodes. */
export interface SizeReader {
  /** How ffmpeg must be told to speak: of everything, each line with how grave it is (ffmpeg manual, "Generic options", `-loglevel`). */
  readonly logLevel: string
  /** What is left of a line for who asks why it failed: the text of an error, and what has no level. */
  read(line: string): string | undefined
  /** `1280x720`, each once, in the order in which they came. */
  sizes(): readonly string[]
}

/** What a filter graph is set up for, at its beginning and again where pictures change their size. */
const graphInput = /\bw:(\d+) h:(\d+) pixfmt:/
/** `[libx264 @ 0x55d0] [error] text`: who speaks, how grave it is, and what is said. Progress has no level. */
const levelled = /^((?:\[[^\]]* @ 0x[\da-f]+\] )?)\[(panic|fatal|error|warning|info|verbose|debug|trace)\] (.*)$/
const grave: ReadonlySet<string> = new Set(['panic', 'fatal', 'error'])

export function createSizeReader(): SizeReader {
  const sizes = new Set<string>()
  return {
    logLevel: 'level+verbose',
    read(line) {
      const [, speaker = '', level, text = ''] = levelled.exec(line) ?? []
      if (level === undefined) return line
      if (grave.has(level)) return `${speaker}${text}`
      const [, width, height] = graphInput.exec(text) ?? []
      if (width !== undefined) sizes.add(`${width}x${height}`)
      return undefined
    },
    sizes: () => [...sizes],
  }
}
