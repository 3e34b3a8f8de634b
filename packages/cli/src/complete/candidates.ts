import type { Command, Option } from 'commander'
import { findDefinition, type LoadedConfig } from '../config/load-config.ts'
import { inputShapeOf, shapesAt } from '../input/schema-places.ts'
import { findRun } from '../source/find-run.ts'
import { journalRuns } from '../source/journal-runs.ts'
import { runStatuses } from '../source/run-source.ts'

/** What may stand in the place of the word that is typed, and a few words about it. */
export interface Candidate {
  readonly value: string
  readonly about?: string
}

/** As many runs as a person looks through. */
const mostRuns = 50

/** What may stand where the last of the words is. `load`: the configuration that the others name. Nothing where a file is wanted, or nothing is known. */
export async function candidatesFor(program: Command, words: readonly string[], load: (config: string | undefined) => Promise<LoadedConfig>): Promise<readonly Candidate[]> {
  const [typed = '', before] = [words.at(-1), words.slice(0, -1)]
  const { verb, given, said, pending } = read(program, before)
  const all = await (pending ? valuesOf(pending, given, said, () => load(said.get('config'))) : typed.startsWith('-') && !before.includes('--') ? optionsOf(program, verb) : verb ? argumentsOf(program, verb.name(), given, said, typed, () => load(said.get('config'))) : verbsOf(program))
  return all.filter(({ value }) => value.startsWith(typed) && !/[\n\t]/.test(value))
}

const verbsOf = (program: Command): Candidate[] => [...program.commands.map((command) => ({ value: command.name(), about: command.description() })), { value: 'help', about: 'about a command' }]

function optionsOf(program: Command, verb: Command | undefined): Candidate[] {
  const options = [...(verb?.options ?? []), ...(verb && ['mcp', 'completion'].includes(verb.name()) ? [] : program.options.filter(({ long }) => !verb?.options.some((own) => own.long === long)))]
  return [...options, { long: '--help', description: 'about it' } as Option].flatMap(({ long, description }) => (long ? [{ value: long, about: description }] : []))
}

/** The verb, its arguments, what options were given, and the option whose value is typed. */
function read(program: Command, words: readonly string[]) {
  let verb: Command | undefined
  const given: string[] = []
  const said = new Map<string, string>()
  let pending: string | undefined
  let isPlain = false
  for (const word of words) {
    if (pending !== undefined) {
      said.set(pending, word)
      pending = undefined
    } else if (word === '--' && !isPlain) isPlain = true
    else if (word.startsWith('--') && !isPlain) {
      const [name = '', ...value] = word.slice(2).split('=')
      const option = [...(verb?.options ?? []), ...program.options].find(({ long }) => long === `--${name}`)
      if (value.length > 0) said.set(name, value.join('='))
      else if (option?.required) pending = name
      else said.set(name, '')
    } else if (verb) given.push(word)
    else verb = program.commands.find((command) => command.name() === word)
  }
  return { verb, given, said, pending }
}

type Load = () => Promise<LoadedConfig>
const plain = (values: readonly string[]): Candidate[] => values.map((value) => ({ value }))

async function valuesOf(option: string, given: readonly string[], said: ReadonlyMap<string, string>, load: Load): Promise<Candidate[]> {
  if (option === 'format') return plain(['mermaid', 'dot', 'svg'])
  if (option === 'engine') return plain(['in-process', 'trigger'])
  if (option === 'status') return plain(runStatuses)
  if (option === 'name') return definitionsOf(await load(), false)
  const [run] = given
  return (option === 'from' || option === 'force') && run !== undefined && isJournal(said) ? stepsOf(await load(), run) : []
}

async function argumentsOf(program: Command, verb: string, given: readonly string[], said: ReadonlyMap<string, string>, typed: string, load: Load): Promise<Candidate[]> {
  const [first] = given
  if (verb === 'completion') return plain(['bash', 'zsh', 'fish'])
  if (verb === 'run' || verb === 'graph') return first === undefined ? definitionsOf(await load(), verb === 'run') : verb === 'run' ? keysOf(await load(), first, given.slice(1), typed) : []
  const takes = program.commands.find((command) => command.name() === verb)?.registeredArguments ?? []
  const isRun = ['run', 'before', 'after'].includes(takes[given.length]?.name() ?? '')
  if (!isJournal(said)) return isRun ? plain(['last']) : []
  if (isRun) return runsOf(await load())
  return takes[given.length]?.name() === 'step' && first !== undefined ? stepsOf(await load(), first) : []
}

/** Others would have to be asked over the network. */
const isJournal = (said: ReadonlyMap<string, string>): boolean => !said.has('supabase') && said.get('engine') !== 'trigger'

function definitionsOf({ orchestrators, tracks, config }: LoadedConfig, withTasks: boolean): Candidate[] {
  const tasks = withTasks ? Object.keys(config.registry).map((value) => ({ value, about: 'task' })) : []
  return [...orchestrators.map(({ name }) => ({ value: name, about: 'orchestrator' })), ...tracks.map(({ name }) => ({ value: name, about: 'track' })), ...tasks]
}

/** The keys of an input that are not given yet; behind one, what it may be. */
function keysOf(loaded: LoadedConfig, name: string, pairs: readonly string[], typed: string): Candidate[] {
  const shape = inputShapeOf(loaded.config.registry, findDefinition(loaded, name))
  const [key = '', ...value] = typed.split('=')
  if (value.length > 0) return shapesAt(shape, [key]).flatMap(({ enum: values, const: only, type }) => (values ?? (only === undefined ? (type === 'boolean' ? [true, false] : []) : [only])).map((one) => ({ value: `${key}=${String(one)}` })))
  const isGiven = (one: string) => pairs.some((pair) => pair.startsWith(`${one}=`))
  return shapesAt(shape, []).flatMap(({ properties = {} }) => Object.keys(properties)).filter((one) => !isGiven(one)).map((one) => ({ value: `${one}=` }))
}

async function runsOf({ journal }: LoadedConfig): Promise<Candidate[]> {
  const runs = await journalRuns(journal).list({ from: 0 }, mostRuns)
  return [{ value: 'last', about: 'the latest run' }, ...runs.map(({ runId, name, status }) => ({ value: runId, about: `${name}, ${status}` }))]
}

async function stepsOf({ journal }: LoadedConfig, run: string): Promise<Candidate[]> {
  const steps = await journal.steps(await findRun(journal, run))
  return plain([...new Set(steps.filter(({ nested }) => !nested).map(({ step }) => step))])
}
