import { Command, CommanderError } from 'commander'
import { printableLines } from '@track-orchestrator/core/console'
import { unlessAborted } from '@track-orchestrator/registry/waiting'
import { loadConfig } from './config/load-config.ts'
import { CommandError, exitCodes } from './exit.ts'
import { describeFailure, withShortWords } from './failure.ts'
import { openSource, placeOf, type Place, type PlaceOptions } from './source/place-of.ts'
import { withOwnOutput } from './own-output.ts'
import { Shower, type Format } from './show/shower.ts'
import { wrap } from './show/table.ts'
import { exitCodeOf } from './stop-signal.ts'
import { version, widthOf, type Terminal } from './terminal.ts'
import { approve } from './verbs/approve.ts'
import { cancel } from './verbs/cancel.ts'
import { check } from './verbs/check.ts'
import { completion } from './verbs/completion.ts'
import { remove } from './verbs/delete.ts'
import { diff } from './verbs/diff.ts'
import { exportRun } from './verbs/export.ts'
import { graph } from './verbs/graph.ts'
import { list } from './verbs/list.ts'
import { mcp } from './verbs/mcp.ts'
import { cancelOnTrigger, forkOnTrigger, resumeOnTrigger, runOnTrigger } from './verbs/on-trigger.ts'
import { fork, resume, why } from './verbs/resume.ts'
import { run } from './verbs/run.ts'
import { runs } from './verbs/runs.ts'
import { showRun } from './verbs/show.ts'
import type { Asking } from './verbs/verb.ts'
import { view } from './verbs/view.ts'

export type { Terminal } from './terminal.ts'

/** Runs the `tracks` command in this process, as a program of your own may. Gives its exit code; what goes wrong is told in a few lines. Never throws. */
export async function runProgram(terminal: Terminal): Promise<number> {
  let exitCode: number = exitCodes.done
  const program = programOf(terminal, (code) => (exitCode = code))
  try {
    await program.parseAsync([...terminal.arguments], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
    if (terminal.signal.aborted) return exitCodeOf(terminal.signal)
    const failure = describeFailure(error)
    terminal.stderr.write(`${printableLines(failure.message)}\n`)
    return failure.exitCode
  }
}

/** `<name>`, `[name]`, `[name...]`. */
function humanReadable(name: string, { required, variadic }: { readonly required: boolean; readonly variadic: boolean }): string {
  const text = variadic ? `${name}...` : name
  return required ? `<${text}>` : `[${text}]`
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** What a verb does: it is given its arguments and its options, and may give an exit code. */
type Act = (asking: Asking, args: any, options: any) => Promise<number | void>
type Elsewhere = { readonly [Where in Exclude<Place, 'journal'>]: Act | string }

const listRuns: Act = (it, _args, options) => runs(it, options)
const showOne: Act = (it, [id], options) => showRun(it, id, options)
const compare: Act = (it, [before, after]) => diff(it, before, after)
const exportOne: Act = (it, [id], options) => exportRun(it, id, options)
const onlyTells = (verb: string, elsewhere = ', or of Trigger.dev (--engine trigger)') => `A history only tells of runs: tracks ${verb} is for those of the journal${elsewhere}.`

function programOf(terminal: Terminal, endWith: (exitCode: number) => void): Command {
  const program = new Command('tracks')
    .description('Runs tracks and orchestrators on this machine, and looks after their runs.')
    .version(version)
    .option('--config <file>', 'the configuration (default: tracks.config.ts here or above)')
    .option('--json', 'for programs: one JSON value, or an event a line')
    .option('--markdown', 'tables as Markdown')
    .exitOverride()
    .configureOutput({ writeOut: (text) => void terminal.stdout.write(printableLines(text)), writeErr: (text) => void terminal.stderr.write(printableLines(withShortWords(text))), getOutHelpWidth: () => widthOf(terminal), getErrHelpWidth: () => widthOf(terminal) })
    .showSuggestionAfterError()
    .showHelpAfterError('tracks --help tells what there is.')
    .configureHelp({ minWidthToWrap: 12, subcommandTerm: (command) => `${command.name()} ${command.registeredArguments.map((argument) => humanReadable(argument.name(), argument)).join(' ')}`.trim() })
    .addHelpText('after', () => `
Examples:
  tracks run VoiceConversion url=file:///tmp/talk.webm
  tracks run VoiceConversion --input input.json --json
  tracks runs --status failed --since 1d
  tracks resume last --plan
  tracks approve last review '{"text":"good"}'
  tracks fork 0198 --from split_srt --set 'segments[3].text=Hello'

A run is named by its id, the beginning of it, or "last". Exit codes:
  0  done
  1  the run, or a check, failed
  2  called wrongly, or the input does not fit
  3  no configuration, or it cannot be loaded
  4  no such run, or the journal refuses
  129, 130, 143  stopped by SIGHUP, SIGINT (Ctrl-C), SIGTERM`.split('\n').map((line) => wrap(line, widthOf(terminal))).join('\n'))

  const formatOf = (command: Command): Format => {
    const { json, markdown } = command.optsWithGlobals<Format>()
    if (json && markdown) throw new CommandError('Say --json or --markdown: one of the two.')
    return { json, markdown }
  }
  const asking = (command: Command, on = terminal): Asking => {
    const { config, engine, supabase, tenant } = command.optsWithGlobals<PlaceOptions & { config?: string; tenant?: string }>()
    // Loading may take its time, and hears of no signal.
    const load = () => unlessAborted(loadConfig(terminal.folder, config), terminal.signal)
    const place = placeOf({ engine, ...(command.name() !== 'view' && { supabase }) })
    return { terminal: on, show: new Shower(on, { ...formatOf(command), config }), load, place, source: async () => openSource(place, await load(), tenant) }
  }
  /** A verb: `act` is given its arguments and its options, and may give an exit code. */
  const verb = (usage: string, about: string, act: Act) => {
    const command = program.command(usage).description(about)
    for (const { flags, description } of program.options.filter(({ long }) => long !== '--version')) command.option(flags, description)
    return command.showHelpAfterError(`tracks ${command.name()} --help tells how it is called.`).action(async (...all: unknown[]) => {
      const self = all.at(-1) as Command
      const { json: _json, markdown: _markdown, config: _config, engine: _engine, ...options } = self.opts<Record<string, unknown>>()
      const { json, markdown } = formatOf(self)
      const doIt = (on: Terminal) => act(asking(self, on), all.slice(0, -2), options)
      endWith((await (json || markdown ? withOwnOutput(terminal, doIt) : doIt(terminal))) ?? exitCodes.done)
    })
  }
  /** A verb about runs, wherever they are: what it does in other places than the journal, or why it cannot. */
  const verbOfRuns = (usage: string, about: string, act: Act, elsewhere: Elsewhere) => {
    const acting: Act = (it, args, options) => {
      const there = it.place === 'journal' ? act : elsewhere[it.place]
      if (typeof there === 'string') throw new CommandError(there)
      return there(it, args, options)
    }
    return verb(usage, about, acting).option('--engine <name>', 'where runs are: in-process (default), or trigger: Trigger.dev').option('--supabase', 'the history of a tenant')
  }
  const filters = (command: Command) => command.option('--status <status>', 'running, interrupted, succeeded, failed, cancelled, damaged; queued, waiting').option('--since <span>', 'begun since: 30m, 12h, 1d, 2w').option('--name <name>', 'of that track or orchestrator').option('--tenant <id>', 'of that tenant').option('--project <id>', 'of that project')

  verb('list', 'what there is to run, with its input', (it, _args, options) => list(it, options)).option('--tasks', 'single tasks too')
  verb('graph <name>', 'the picture of a track or an orchestrator', (it, [name], options) => graph(it, name, options)).option('--format <format>', 'mermaid, dot or svg', 'mermaid')
  verbOfRuns('run <name> [key=value...]', 'runs it, and shows it while it goes on', (it, [name, pairs], options) => run(it, name, pairs, options), { trigger: (it, [name, pairs], options) => runOnTrigger(it, name, pairs, options), supabase: onlyTells('run') })
    .option('--input <file>', 'its input as JSON; - for standard input').option('--run-id <id>', 'default: a new one').option('--tenant <id>', 'tenantId').option('--project <id>', 'projectId').option('--key <key>', 'one run for one thing: the run that this key began, if it goes on or has succeeded').option('--key-ttl <span>', 'for how long: 30m, 12h; default 30d').option('--max-cost <unit=amount>', 'how much the run may spend, such as USD=2 (repeatable)', collect)
  filters(verbOfRuns('runs', 'lists runs, the latest first', listRuns, { trigger: listRuns, supabase: listRuns })).option('--limit <n>', 'as many at most (50)')
  verbOfRuns('show <run>', 'a run: its steps, how long they took, why they ran, what went wrong', showOne, { trigger: showOne, supabase: showOne }).option('--tenant <id>', 'whose, with --supabase').option('--logs', 'with the lines of handlers')
  filters(verbOfRuns('resume [run]', 'goes on with a run, or with all that the filter finds', (it, [id], options) => resume(it, id, options), { trigger: (it, [id], options) => resumeOnTrigger(it, id, options), supabase: onlyTells('resume') }))
    .option('--plan', 'only tells what would be reused and what would be run, and why').option('--force <step>', 'runs it again (repeatable)', collect).option('--map <old=new>', 'what a finished step is called now; old= lets go of it (repeatable)', collect).option('--max-cost <unit=amount>', 'how much the run may spend, such as USD=2 (repeatable)', collect)
  verbOfRuns('fork <run>', 'a new run from a step of another one, with another input', (it, [id], options) => fork(it, id, options), { trigger: (it, [id], options) => forkOnTrigger(it, id, options), supabase: onlyTells('fork') })
    .option('--from <step>', 'the first that is done anew: id, path, or step[3]').option('--set <path=value>', 'what its input is to be there (repeatable)', collect).option('--plan', 'only tells what would be run').option('--run-id <id>', 'default: a new one')
  verbOfRuns('why <run> [step]', 'why steps would be reused or run', (it, [id, step]) => why(it, id, step), { trigger: 'Trigger.dev keeps keys, not reasons: it cannot say why. tracks show <run> --engine trigger tells which steps a run started.', supabase: 'A history does not hold what steps were given, so it cannot say why. tracks show <run> --supabase tells which steps ran.' })
  verbOfRuns('diff <before> <after>', 'how the steps of two runs differ', compare, { trigger: compare, supabase: compare }).option('--tenant <id>', 'whose, with --supabase')
  verb('view [run]', 'shows runs on a page: graph, timeline, steps, live', (it, [id], options) => view(it, id, options)).option('--port <number>', 'default: a free one').option('--supabase', 'the history of a tenant instead of the journal').option('--tenant <id>', 'whose, with --supabase').option('--trigger-local [address]', 'the Trigger.dev on this machine: the address that it printed; default: the one over this folder').option('--export <file>', 'writes the run (default: last) as one HTML file instead').option('--force', 'replaces the file')
  verbOfRuns('approve <run> [step] [value...]', 'answers what a run asks for: true, false, JSON, or key=value; without a step, shows what it asks for', (it, [id, step, values]) => approve(it, id, step, values), { trigger: 'Runs of Trigger.dev are answered by answer(run, step, value) of createClient (@track-orchestrator/trigger-engine/client).', supabase: onlyTells('approve', '') })
  filters(verbOfRuns('cancel [run]', 'has the process that runs it cancel it; or all that the filter finds', (it, [id], options) => cancel(it, id, options), { trigger: (it, [id], options) => cancelOnTrigger(it, id, options), supabase: onlyTells('cancel') }))
  verbOfRuns('delete [run]', 'deletes a run, or all of a tenant, in the keepers of the configuration and the journal', (it, [id], options) => remove(it, id, options), { trigger: 'Trigger.dev deletes its own records of runs by its retention: they cannot be deleted from here. What keepers hold of them (files, payloads, rows) goes with their tenant: tracks delete --tenant <id>.', supabase: 'Rows go with their run or tenant where keepers of the configuration names them: tracks delete without --supabase. By themselves: eraseRun and eraseTenant of @track-orchestrator/supabase-logger, with the secret key.' }).option('--tenant <id>', 'all of that tenant').option('--plan', 'only tells what would be deleted, and where').option('--yes', 'without asking')
  verb('check', 'touches everything that a run needs', (it) => check(it))
  verbOfRuns('export <run>', 'one archive for a bug report, without secrets', exportOne, { trigger: exportOne, supabase: exportOne }).option('--tenant <id>', 'whose, with --supabase').option('--perfetto', 'a trace for ui.perfetto.dev instead').option('--out <file>', 'default: named after the run, here').option('--force', 'replaces the file')
  const served = program.command('mcp').description('serves all this to an agent, over standard input and output (Model Context Protocol)').option('--read-only', 'only what looks at runs: nothing is run').option('--wait <seconds>', 'how long an answer waits for a run to end (45)').option('--config <file>', 'the configuration').option('--engine <name>', 'where runs are: in-process (default), or trigger: Trigger.dev').option('--supabase', 'the history of a tenant').option('--tenant <id>', 'whose, with --supabase')
  served.action(async () => {
    await asking(served).load() // told now, not at the first call
    endWith(await mcp(terminal, runProgram, served.optsWithGlobals()))
  })
  program.command('completion <shell> [typed...]').description('prints what completes the command in bash, zsh or fish').action((shell: string, typed: readonly string[]) =>
    withOwnOutput(terminal, async ({ stdout }) => void stdout.write(await completion(program, shell, typed, (config) => loadConfig(terminal.folder, config)))))
  return program
}
