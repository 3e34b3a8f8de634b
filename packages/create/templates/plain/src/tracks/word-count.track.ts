import { defineTrack } from '../tasks.ts'

/** How many words there are at a URL. */
export const wordCountTrack = defineTrack({
  name: 'WordCountTrack',
  tasks: [{ taskName: 'fetch_text' }, { taskName: 'count_words' }],
})
