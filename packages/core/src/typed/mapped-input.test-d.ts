import { test } from 'vitest'
import { defineOrchestrator, defineTrack, ingest, speech } from './example-tasks.test-d.ts'

test('a key that the input does not have is marked, in one input and in many', () => {
  defineTrack({
    name: 'x',
    tasks: [
      // @ts-expect-error misspelt: `size`
      { taskName: 'chunk', inputMapper: (prev) => ({ text: prev.text, siz: 3 }) },
      // @ts-expect-error misspelt, in a function of several lines
      { taskName: 'chunk', id: 'lines', inputMapper: (prev) => {
        const text = prev.parts.join('')
        return { text, sizes: 3 }
      } },
      // @ts-expect-error misspelt in one of two answers
      { taskName: 'chunk', id: 'either', inputMapper: (prev) => (prev.parts.length > 0 ? { text: '', size: 3 } : { text: '', siez: 3 }) },
      // @ts-expect-error misspelt in each of many inputs
      { taskName: 'chunk', id: 'each', forEach: (prev) => prev.parts.map((text) => ({ text, siz: 3 })) },
    ],
  })
  defineTrack({
    name: 'x',
    tasks: [
      // @ts-expect-error misspelt, where no parameter is asked for
      { taskName: 'chunk', inputMapper: () => ({ text: '', Size: 3 }) },
    ],
  })
  defineTrack({
    name: 'x',
    input: speech,
    tasks: [
      { taskName: 'transcribe' },
      // @ts-expect-error misspelt, of an item
      { taskName: 'chunk', forEach: 'segments', inputMapper: (item) => ({ text: item.text, siz: 3 }) },
    ],
  })
})

test('what a function was given it may hand on, richer than the input or not', () => {
  defineTrack({
    name: 'x',
    input: speech,
    tasks: [
      { taskName: 'transcribe', inputMapper: (prev, original) => ({ ...original, ...prev }) },
      { taskName: 'chunk', inputMapper: (prev) => ({ ...prev, size: 3 }) },
      { taskName: 'summarize', inputMapper: (_prev, original, { outputs }) => ({ ...outputs.transcribe, ...original }) },
      { taskName: 'chunk', id: 'segments', forEach: (_prev, _original, { outputs }) => outputs.transcribe.segments },
      { taskName: 'chunk', id: 'items', forEach: (_prev, _original, { outputs }) => outputs.transcribe.segments.map((segment) => ({ ...segment, size: 3 })) },
      { taskName: 'chunk', id: 'carried', inputMapper: (_prev, { tenantId, projectId }, { trampData }) => ({ text: '', tenantId, projectId, trampData, ...trampData }) },
    ],
  })
})

test('a task that takes anything takes any key', () => {
  defineTrack({ name: 'x', tasks: [{ taskName: 'notify', inputMapper: () => ({ url: '', body: { anything: 1 } }) }] })
})

test('it is marked in the input of the final task, too', () => {
  defineOrchestrator({
    name: 'x',
    tracks: [ingest],
    // @ts-expect-error misspelt: `size`
    finalTask: { taskName: 'chunk', inputMapper: (outputs) => ({ text: outputs.Ingest.path, siz: 3 }) },
  })
  // @ts-expect-error misspelt, where no parameter is asked for
  defineOrchestrator({ name: 'x', tracks: [ingest], finalTask: { taskName: 'chunk', inputMapper: () => ({ text: '', Size: 3 }) } })
})

test('the final task too may be given what came, and literals stay what they are', () => {
  defineOrchestrator({
    name: 'x',
    tracks: [ingest],
    finalTask: { taskName: 'extract_audio', inputMapper: (outputs) => ({ ...outputs.Ingest, codec: 'mp3' }) },
  })
  defineOrchestrator({ name: 'x', tracks: [ingest], finalTask: { taskName: 'extract_audio', inputMapper: () => ({ path: '', codec: 'mp3' }) } })
})
