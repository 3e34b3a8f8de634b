/** Words that begin a sentence about a value, or code that is none: `token: Invalid input`, `password = await ask()`. */
const noValue =
  /^(?:a|an|the|is|are|was|were|has|had|have|must|should|shall|can|cannot|can't|could|may|not|no|none|null|nil|undefined|true|false|empty|invalid|expected|required|missing|too|unknown|unrecognized|see|for|of|in|on|to|and|or|as|at|by|from|with|without|if|it|this|that|await|new|function|async|string|number|boolean|object|optional|redacted|\[redacted\])[.,;:!?)}\]]{0,3}$/i
/** A call, a variable or a placeholder. */
const reference = /^(?:[A-Za-z_$][\w$.]{0,80}\(|process\.env|import\.meta|os\.environ|\$\{|\$[A-Z_]|\$\(|<[\w -]{1,40}>|%[A-Z_]{2,40}%)/
const endsToken = /[\s"'`<>]/

/** Where a word ends: at a space, a quote, an angle bracket, or one of `further`. Looks no further than `atMost` characters. */
export function endOfToken(text: string, start: number, further = '', atMost = Number.POSITIVE_INFINITY): number {
  const limit = Math.min(text.length, start + atMost)
  let at = start
  while (at < limit && !endsToken.test(text[at]!) && !further.includes(text[at]!)) at++
  return at
}

/** Where a line ends, or before it a certain character. */
export function endOfLine(text: string, start: number, before: string): number {
  for (let at = start; at < text.length; at++) {
    const character = text[at]
    if (character === '\n' || character === '\r' || character === before) return at
  }
  return text.length
}

/** Where a text in quotes ends: at the same quote with as many backslashes before it, for JSON may lie in JSON. Without one, at the end of the line. */
export function endOfQuotes(text: string, start: number, opening: string): number {
  const quote = opening.at(-1)!
  const escapes = opening.length - 1
  let backslashes = 0
  for (let at = start; at < text.length; at++) {
    const character = text[at]
    if (character === '\\') backslashes++
    else {
      if (character === quote && (escapes === 0 ? backslashes % 2 === 0 : backslashes <= escapes)) return at - Math.min(backslashes, escapes)
      backslashes = 0
    }
  }
  return endOfLine(text, start, '\n')
}

/** Where the next of such marks begins. Without one, the end of the text. */
export function endOfMarks(text: string, start: number, marks: string): number {
  const end = text.indexOf(marks, start)
  return end < 0 ? text.length : end
}

/** Where an object or list ends that begins here. Where it does not, the text does. */
export function endOfBrackets(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const character = text[at]!
    if (character === '"') at = endOfQuotes(text, at + 1, '"')
    else if (character === '{' || character === '[') depth++
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1
  }
  return text.length
}

/** Where a credential of a header ends: at a space or a quote, without what ends a sentence, a list or an escaped quote after it. */
export function endOfCredential(text: string, start: number): number {
  let end = endOfToken(text, start)
  while (end > start + 1 && /[.,;:!?)}\]\\]/.test(text[end - 1]!)) end--
  return end
}

/** Whether a word where a value would stand is none: `token: required`, `password = await ask()`. */
export const isNoValue = (word: string): boolean => noValue.test(word)

/** Whether it stands for a value that is elsewhere: `process.env.API_KEY`, `${token}`. */
export const isReference = (word: string): boolean => reference.test(word)
