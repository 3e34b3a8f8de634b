import { conversionInput } from '../conversion-options.ts'
import { defineTrack } from '../registry.ts'

/** Brings a video into the storage, once, for all tracks that work on it. Takes `{ url }` and the options of a conversion. */
export const mediaImportTrack = defineTrack({
  name: 'MediaImportTrack',
  enableSupabaseLogging: true,
  input: conversionInput,
  tasks: [{ taskName: 'media_import', inputMapper: ({ url }) => ({ url }) }],
})
