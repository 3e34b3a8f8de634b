import type { TaskHandlers } from '@track-orchestrator/registry'
import type { {{camel}}Tasks } from './contracts.ts'
import { createCountWordsHandler, type CountWordsOptions } from './count-words.ts'

export { {{camel}}CountWords, {{camel}}Tasks } from './contracts.ts'
export { createCountWordsHandler } from './count-words.ts'
export type { CountWordsOptions } from './count-words.ts'

/** A handler for each task of `{{camel}}Tasks`. */
export function create{{pascal}}Handlers(options: CountWordsOptions = {}): TaskHandlers<typeof {{camel}}Tasks> {
  return { {{snake}}_count_words: createCountWordsHandler(options) }
}
