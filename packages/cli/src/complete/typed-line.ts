/** The word of a line of bash in which the cursor stands. */
export interface TypedLine {
  /** What the words mean, without their quotes; the last one is not whole yet. */
  readonly words: readonly string[]
  /** As much of the last one stands before what bash will replace: it takes `a=b` for two. */
  readonly keptLength: number
  /** The quote in which the last one stands. */
  readonly quote: '"' | "'" | undefined
}

/** Where bash ends a word for completions, outside of quotes (`COMP_WORDBREAKS`). */
const breaks = new Set('@><=;|&(:'.split(''))

/** Takes a line apart as bash does, up to the cursor. */
export function readTypedLine(line: string): TypedLine {
  const words: string[] = []
  let [word, keptLength, isWord] = ['', 0, false]
  let quote: TypedLine['quote']
  for (let index = 0; index < line.length; index++) {
    const one = line[index]!
    if (quote === undefined && /\s/.test(one)) {
      if (isWord) words.push(word)
      ;[word, keptLength, isWord] = ['', 0, false]
      continue
    }
    isWord = true
    if (one === quote) quote = undefined
    else if (quote === undefined && (one === '"' || one === "'")) [quote, keptLength] = [one, word.length]
    else if (one === '\\' && quote !== "'") word += line[++index] ?? ''
    else {
      word += one
      if (quote === undefined && breaks.has(one)) keptLength = word.length
    }
  }
  return { words: [...words, word], keptLength, quote }
}

/** What bash is to put in the place of what was typed. */
export function typedOn({ keptLength, quote }: TypedLine, value: string): string {
  const rest = value.slice(keptLength)
  if (quote === '"') return rest.replaceAll(/["$`\\]/g, String.raw`\$&`)
  return quote === "'" ? rest.replaceAll("'", String.raw`'\''`) : rest.replaceAll(/[^\w./%+:,@=\u0080-\u{10FFFF}-]/gu, String.raw`\$&`)
}
