import { handlers, registry } from './tasks.ts'
import { wordCountTrack } from './tracks/word-count.track.ts'

// What this worker consists of: its tasks, who does them, and the flows made of them. Trigger.dev, the tracks command and the tests stand on it.
export const flows = { registry, handlers, tracks: [wordCountTrack], orchestrators: [] }
