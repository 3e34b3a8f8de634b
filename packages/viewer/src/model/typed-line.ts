import type { CommandLine } from './wire.ts'

/** What a person types for the command to do the same: a shell hands on each word as it is here. */
export function typedLine(verb: string, args: readonly string[], options: readonly string[] = [], { program, options: always }: CommandLine = { program: 'tracks', options: [] }): string {
  const said = [...options, ...always]
  // Behind -- a word that begins with - is no option.
  const words = args.some((word) => word.startsWith('-')) ? [...said, '--', ...args] : [...args, ...said]
  return [program, verb, ...words.map((word) => quoted(word))].join(' ')
}

const quoted = (word: string): string => (/^[\w@%+:,./=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)
