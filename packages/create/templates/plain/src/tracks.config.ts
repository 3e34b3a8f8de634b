// What this worker consists of: its tasks, who does them, and the flows made of them. Everything else stands on this file.
import { handlers, registry } from './tasks.ts'
import { wordCountTrack } from './tracks/word-count.track.ts'

export default {
  registry,
  handlers,
  tracks: [wordCountTrack],
  orchestrators: [],
}
