// Wrong steps. Above each mistake stands what the first line of its message must hold, in this order, with `…` between.
import { defineTrack, ingest, speech, thumbs } from '../../../packages/core/src/typed/example-tasks.test-d.ts'

declare const flag: boolean
const common = [{ taskName: 'download' }, { taskName: 'probe' }] as const

defineTrack({
  name: 'Names',
  tasks: [
    { taskName: 'download' },
    // says: Type '"prob"' is not assignable to type … Did you mean '"probe"'?
    { taskName: 'prob' },
  ],
})
defineTrack({
  name: 'Mapper',
  tasks: [
    { taskName: 'download' },
    // says: Property 'inputMapper' is missing in type … required in type 'InputMapperRequired<{ path: string; bytes: number; }, { path: string; codec: "mp3" | "wav"; }
    { taskName: 'extract_audio' },
  ],
})
defineTrack({
  name: 'TrackMapper',
  tasks: [
    { taskName: 'summarize' },
    // says: Property 'inputMapper' is missing in type … required in type 'InputMapperRequired<{ summary: string; }, { url: string; }
    { track: ingest },
  ],
})
defineTrack({
  name: 'ItemMapper',
  input: speech,
  tasks: [
    { taskName: 'transcribe' },
    // says: Property 'inputMapper' is missing in type … required in type 'ItemMapperRequired<{ start: number; end: number; text: string; }, { text: string; target: "de" | "fr"; }
    { taskName: 'translate', forEach: 'segments' },
  ],
})
defineTrack({
  name: 'Result',
  tasks: [
    { taskName: 'download' },
    // says: Property 'codec' is missing in type '{ path: string; }' but required in type '{ path: string; codec: "mp3" | "wav"; }'
    { taskName: 'extract_audio', inputMapper: (prev) => ({ path: prev.path }) },
    // says: Type '"ogg"' is not assignable to type '"mp3" | "wav"'
    { taskName: 'extract_audio', id: 'again', inputMapper: (prev) => ({ path: prev.audioPath, codec: 'ogg' }) },
  ],
})
defineTrack({
  name: 'Keys',
  tasks: [
    // says: Type 'number' is not assignable to type 'UnknownInputKey<"siz", "size" | "text">'
    { taskName: 'chunk', inputMapper: (prev) => ({ text: prev.text, siz: 3 }) },
    // says: UnknownInputKey<"siz", "size" | "text">
    { taskName: 'chunk', id: 'each', forEach: (prev) => prev.parts.map((text) => ({ text, siz: 3 })) },
  ],
})
defineTrack({
  name: 'Reading',
  tasks: [
    // says: Property 'href' does not exist on type '{ url: string; } & BaseFields'
    { taskName: 'download', inputMapper: (_prev, original) => ({ url: original.href }) },
    // says: Property 'pth' does not exist on type '{ path: string; bytes: number; } & CarriedData'. Did you mean 'path'?
    { taskName: 'probe', inputMapper: (prev) => ({ path: prev.pth }) },
    // says: Property 'later' does not exist on type 'EarlierOutputs<"download" | "probe"
    { taskName: 'extract_audio', inputMapper: (_prev, _original, { outputs }) => ({ path: outputs.later.imagePath, codec: 'mp3' }) },
    { taskName: 'thumbnail', id: 'later', inputMapper: () => ({ path: '', atSeconds: 1 }) },
  ],
})
defineTrack({
  name: 'Properties',
  tasks: [
    // says: Type 'number' is not assignable to type 'UnknownStepProperty<"retries">'
    { taskName: 'download', retries: 3 },
    // says: Type 'number' is not assignable to type 'ConcurrencyNeedsForEach'
    { taskName: 'probe', concurrency: 2 },
    // says: Type 'string' is not assignable to type 'OnItemErrorNeedsForEach'
    { taskName: 'probe', id: 'again', onItemError: 'halt' },
    // says: Type 'number' is not assignable to type 'OnlyForTasks'
    { track: thumbs, timeoutMs: 1_000 },
    // says: Type '"ignore"' is not assignable to type … "continue" | "halt"
    { taskName: 'probe', id: 'third', onError: 'ignore', inputMapper: () => ({ path: '' }) },
  ],
})
defineTrack({
  name: 'Ids',
  tasks: [
    { taskName: 'download' },
    { taskName: 'probe' },
    // says: Property 'id' is missing in type … required in type 'StepIdTaken<"probe"
    { taskName: 'probe' },
    // says: Type 'string' is not assignable to type 'AnotherIdThan<"download">
    { taskName: 'probe', id: 'download' },
  ],
})
defineTrack({
  name: 'Lists',
  input: speech,
  tasks: [
    { taskName: 'transcribe' },
    // says: Type '"text"' is not assignable to type '"segments"'
    { taskName: 'summarize', forEach: 'text' },
    // says: is not assignable to type 'ForEachFunctionReturnsTaskInputs'
    { taskName: 'summarize', id: 'both', forEach: () => [{ text: '' }], inputMapper: () => ({ text: '' }) },
  ],
})
defineTrack({
  name: 'Again',
  tasks: [
    // says: 'until' does not exist in type 'RepeatNeedsTrack'
    { taskName: 'download', repeat: { until: () => true, maxTimes: 2 } },
    // says: is not assignable to type … & RepeatsNoItems'
    { track: thumbs, id: 'each', forEach: () => [{ path: '' }], repeat: { until: () => true, maxTimes: 2 } },
    // says: Property 'pth' does not exist on type
    { track: thumbs, id: 'next', inputMapper: () => ({ path: '' }), repeat: { until: (output) => output.pth === '', maxTimes: 2 } },
  ],
})
defineTrack({
  name: 'Spread',
  // says: Property ''~hint'' is missing in type … required in type 'SpreadStepsNeedNames'
  tasks: [{ taskName: 'download' }, ...(flag ? [{ taskName: 'probe' }] : []), { taskName: 'thumbnail', inputMapper: (prev) => ({ path: prev.path, atSeconds: 1 }) }],
})
defineTrack({
  name: 'SpreadConst',
  // says: Property ''~hint'' is missing in type … required in type 'SpreadStepsNeedNames'
  tasks: [...common, ...(flag ? ([{ taskName: 'extract_audio', inputMapper: () => ({ path: '', codec: 'mp3' }) }] as const) : []), { taskName: 'upload', inputMapper: () => ({ path: '', key: '' }) }],
})
