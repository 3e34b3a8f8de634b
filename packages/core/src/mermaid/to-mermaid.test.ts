import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CompositeTrackDefinition, OrchestratorDefinition, TrackDefinition } from '../definition/definition.ts'
import { labelText } from './label.ts'
import { toMermaid } from './to-mermaid.ts'

const uncalled = (): never => {
  throw new Error('drawing calls nothing')
}
const audio: TrackDefinition = { name: 'AudioProcessingTrack', tasks: [{ taskName: 'media_audio_extract' }, { taskName: 'deepgram_speech_to_text', id: 'speech' }] }
const video: TrackDefinition = { name: 'VideoProcessingTrack', tasks: [{ taskName: 'video_strip_audios' }] }

test('a track is drawn as its steps in order, with what is special about each', () => {
  const dubbing: TrackDefinition = {
    name: 'Dubbing',
    tasks: [
      { taskName: 'split', inputMapper: uncalled },
      { taskName: 'translate', id: 'german', forEach: 'segments', concurrency: 4 },
      { taskName: 'speak', forEach: uncalled, when: uncalled, onError: { fallback: [] } },
      { taskName: '', track: audio, when: uncalled },
      { taskName: 'notify', onError: 'continue' },
    ],
  }
  expect(toMermaid(dubbing)).toMatchInlineSnapshot(`
    "flowchart TD
      subgraph t["Dubbing"]
        t_1["split"]
        t_2[["translate<br/>as german<br/>for each of segments<br/>4 at once"]]
        t_3[["speak<br/>for each input<br/>conditional<br/>on error, fall back"]]
        subgraph t_4["AudioProcessingTrack<br/>conditional"]
          t_4_1["media_audio_extract"]
          t_4_2["deepgram_speech_to_text<br/>as speech"]
          t_4_1 --> t_4_2
        end
        t_5["notify<br/>on error, continue"]
        t_1 --> t_2
        t_2 --> t_3
        t_3 --> t_4
        t_4 --> t_5
      end
    "
  `)
})

test('a step that repeats a track says so on the track', () => {
  expect(toMermaid({ name: 'Refining', tasks: [{ taskName: '', track: video, id: 'refine', repeat: { until: uncalled, maxTimes: 5 } }] })).toContain('subgraph t_1["VideoProcessingTrack<br/>as refine<br/>again until done<br/>at most 5 times"]')
})

test('a composite track is drawn with its sub-tracks side by side, between its own tasks and the merge', () => {
  const both: CompositeTrackDefinition = { name: 'Both', type: 'composite', tasks: [{ taskName: 'download' }], subTracks: [audio, video], concurrency: 2, mergeStrategy: uncalled }
  const nested: CompositeTrackDefinition = { name: 'Nested', type: 'composite', tasks: [], subTracks: [both, { name: 'Empty', tasks: [] }] }
  expect(toMermaid(nested)).toMatchInlineSnapshot(`
    "flowchart TD
      subgraph t["Nested"]
        subgraph t_s1["Both<br/>2 at once"]
          t_s1_1["download"]
          subgraph t_s1_s1["AudioProcessingTrack"]
            t_s1_s1_1["media_audio_extract"]
            t_s1_s1_2["deepgram_speech_to_text<br/>as speech"]
            t_s1_s1_1 --> t_s1_s1_2
          end
          subgraph t_s1_s2["VideoProcessingTrack"]
            t_s1_s2_1["video_strip_audios"]
          end
          t_s1_merge(["merge"])
          t_s1_1 --> t_s1_s1
          t_s1_1 --> t_s1_s2
          t_s1_s1 --> t_s1_merge
          t_s1_s2 --> t_s1_merge
        end
        subgraph t_s2["Empty"]
          t_s2_0["hands its input on"]
        end
        t_merge(["outputs by name"])
        t_s1 --> t_merge
        t_s2 --> t_merge
      end
    "
  `)
})

test('an orchestrator is drawn as its tracks, an arrow for each dependency, and the final task after the last ones', () => {
  const publish: TrackDefinition = { name: 'PublishTrack', tasks: [{ taskName: 'upload' }] }
  const orchestrator: OrchestratorDefinition = {
    name: 'VideoAudioOrchestrator',
    tracks: [audio, video, publish],
    trackDependencies: { PublishTrack: ['AudioProcessingTrack', 'VideoProcessingTrack'] },
    onTrackFailure: 'continue',
    finalTask: { taskName: 'merge_audio_video' },
  }
  expect(toMermaid(orchestrator)).toMatchInlineSnapshot(`
    "flowchart TD
      start(["VideoAudioOrchestrator<br/>if a track fails, the rest goes on"])
      subgraph t1["AudioProcessingTrack"]
        t1_1["media_audio_extract"]
        t1_2["deepgram_speech_to_text<br/>as speech"]
        t1_1 --> t1_2
      end
      subgraph t2["VideoProcessingTrack"]
        t2_1["video_strip_audios"]
      end
      subgraph t3["PublishTrack"]
        t3_1["upload"]
      end
      start --> t1
      start --> t2
      t1 --> t3
      t2 --> t3
      final["merge_audio_video<br/>final task"]
      t3 --> final
    "
  `)
})

test('a track that contains itself is refused', () => {
  const tasks: TrackDefinition['tasks'][number][] = []
  const ring: TrackDefinition = { name: 'Ring', tasks }
  tasks.push({ taskName: 'Ring', track: ring })
  expect(() => toMermaid(ring)).toThrow('A track cannot contain itself: Ring -> Ring')
})

const nasty = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', '#', ';', '%', '{', '}', '[', ']', '(', ')', '<', '>', '&', '`', '\n', '-', '|', ':', '@', '\\', '$', 'end', 'style', ' ', 'a') }),
  fc.constantFrom('', 'end', '%%{init: {}}%%', '"] --> x["', '<script>', '`md`', '#quot;', 'click t "javascript:x"', '\u2028', '\uD800', 'subgraph', '1. one'),
)
const line = /^ *(?:subgraph [a-z]\w*\["[^"\n]+"\]|end|[a-z]\w* --> [a-z]\w*|[a-z]\w*(?:\["[^"\n]+"\]|\[\["[^"\n]+"\]\]|\(\["[^"\n]+"\]\)))$/
const outside = /["`<>&%{}[\]|:@\\$\n\r\t]/

test('no name breaks out of its label', () => {
  fc.assert(
    fc.property(nasty, nasty, nasty, (trackName, id, taskName) => {
      const track: TrackDefinition = { name: trackName, tasks: [{ taskName, id, forEach: id }, { taskName: '', track: { name: taskName, tasks: [] } }] }
      const composite: CompositeTrackDefinition = { name: id, type: 'composite', tasks: [], subTracks: [track] }
      const orchestrator: OrchestratorDefinition = { name: taskName, tracks: [track, { ...composite, name: `${trackName}2` }], trackDependencies: { [trackName]: [`${trackName}2`] }, finalTask: { taskName } }
      const [header, ...lines] = toMermaid(orchestrator).trimEnd().split('\n')
      expect(header).toBe('flowchart TD')
      for (const text of lines) expect(text).toMatch(line)
      expect(labelText(trackName)).not.toMatch(outside)
    }),
  )
})

test('a label reads as the name it was made of', () => {
  const read = (text: string) => text.replace(/#(\d+);/g, (_code, number: string) => String.fromCodePoint(Number(number)))
  fc.assert(
    fc.property(nasty, (name) => {
      expect(read(labelText(name))).toBe(name.replace(/[\p{C}\p{Z}]/gu, ' ') || ' ')
    }),
  )
})

test('the same definition gives the same text', () => {
  expect(toMermaid(audio)).toBe(toMermaid(structuredClone(audio)))
})

test('a race says that the first success ends it', () => {
  const race: CompositeTrackDefinition = { name: 'Race', type: 'composite', mode: 'race', tasks: [], subTracks: [audio] }
  expect(toMermaid(race)).toContain('t_merge(["the first that succeeds"])')
})
