import { expect, test } from 'vitest'
import { conversionInput, optionUsage, readConversionOptions, subtitleLanguageOf, translationInput } from './conversion-options.ts'

test('what stands on a command line is what the flow takes', () => {
  const read = readConversionOptions({ language: 'pt-BR', voices: '0=rms,1=a=b', background: '18', subtitles: 'soft', height: '360', crf: '20', parts: '4' })
  expect(read).toEqual({ language: 'pt-BR', voices: { 0: 'rms', 1: 'a=b' }, background: { duckDb: 18 }, subtitles: 'soft', height: 360, crf: 20, parts: 4 })
  expect(conversionInput.parse({ url: 'file:///a.webm', ...read })).toMatchObject(read)
})

test('a language to translate into, and how names are translated, are what TranslatedDubbing takes', () => {
  const read = readConversionOptions({ translateTo: 'pt-BR', glossary: 'Track=Trilha,Mr. Bennet=Sr. Bennet' })
  expect(translationInput.parse({ url: 'u', ...read })).toMatchObject({ translateTo: 'pt-BR', glossary: { Track: 'Trilha', 'Mr. Bennet': 'Sr. Bennet' } })
  expect(() => readConversionOptions({ glossary: 'Track=Trilha' })).toThrow('--glossary needs --translateTo')
})

test('nothing said is as the table tells', () => {
  expect(readConversionOptions({ background: undefined })).toEqual({})
  expect(conversionInput.parse({ url: 'u' })).toEqual({ url: 'u', background: 'none', subtitles: 'file', crf: 23, parts: 10 })
})

test.each([
  ['height', '361'], ['height', 'tall'], ['crf', '52'], ['crf', ''], ['parts', '0'], ['parts', '2.5'], ['subtitles', 'burnt'], ['background', 'loud'], ['background', '40'], ['voices', 'rms'], ['voices', 'x=rms'], ['language', ''], ['translateTo', 'x'], ['glossary', 'Track'],
])('--%s %j is refused by its name', (name, word) => {
  expect(() => readConversionOptions({ [name]: word })).toThrow(`--${name} is <`)
}) // prettier-ignore

test('the usage is no wider than 80 columns', () => {
  for (const line of optionUsage().split('\n')) expect(line.length).toBeLessThanOrEqual(80)
})

test('MP4 is told the language of subtitles in three letters, or that it is not known', () => {
  expect([subtitleLanguageOf('en-US'), subtitleLanguageOf('ZH'), subtitleLanguageOf('tlh'), subtitleLanguageOf(undefined)]).toEqual(['eng', 'zho', 'und', 'und'])
})
