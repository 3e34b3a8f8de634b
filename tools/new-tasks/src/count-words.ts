import type { TaskHandler } from '@track-orchestrator/registry'
import type { {{camel}}CountWords } from './contracts.ts'

export interface CountWordsOptions {
  /** What parts one word from the next. Default: white space. */
  readonly separator?: RegExp
}

/** Does `{{snake}}_count_words`. What comes from outside (keys, addresses, clients) is given to functions like this one; the input is the caller's. */
export function createCountWordsHandler({ separator = /\s+/u }: CountWordsOptions = {}): TaskHandler<typeof {{camel}}CountWords> {
  return ({ text, minLetters }) => ({ words: text.split(separator).filter((word) => word.length >= minLetters).length })
}
