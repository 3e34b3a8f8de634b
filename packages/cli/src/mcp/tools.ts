import { z } from 'zod'

/** A tool: a verb of the command, with what an agent may say of it. */
export interface McpTool {
  readonly description: string
  readonly input: z.ZodObject
  /** It only looks: it is offered with `--read-only`, too. */
  readonly reads: boolean
  /** It may take long, and tells events meanwhile. */
  readonly runs: boolean
  /** It is about runs, wherever they are: it takes --engine and --supabase. */
  readonly ofRuns: boolean
  /** The arguments of the command for a checked input. */
  readonly said: (input: any) => Said
}

interface Said {
  readonly options: readonly string[]
  readonly names?: readonly string[]
  readonly stdin?: string
}

const run = z.string().min(1).describe('The id of the run, the beginning of it, or "last".')
const step = z.string().min(1)
const option = (name: string, value: string | number | undefined): readonly string[] => (value === undefined ? [] : [`--${name}=${value}`])
const each = (name: string, values: readonly string[] = []): readonly string[] => values.flatMap((value) => option(name, value))
/** As JSON: a name may have a = in it. */
const mapped = (names: Readonly<Record<string, string>>): string => JSON.stringify(Object.fromEntries(Object.entries(names).map(([before, after]) => [before, after === '' ? null : after])))
const pairs = (name: string, values: Readonly<Record<string, unknown>> = {}): readonly string[] => each(name, Object.entries(values).map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`))
const looks = { reads: true, runs: false, ofRuns: true }
const acts = { reads: false, runs: true, ofRuns: true }

/** What is offered, by name. Approving and deleting are left to people. */
export const mcpTools: Readonly<Record<string, McpTool>> = {
  list: {
    ...looks,
    ofRuns: false,
    description: 'The tracks and orchestrators that can be run, each with the JSON Schema of its input. Ask this before run.',
    input: z.object({ tasks: z.boolean().optional().describe('Single tasks too, which can be run alone. Default false.') }),
    said: ({ tasks }) => ({ options: tasks ? ['--tasks'] : [] }),
  },
  run: {
    ...acts,
    description: 'Runs a track, an orchestrator or a single task. It may cost money: it does the real work. Answers with the output, or with the error and how to go on.',
    input: z.object({ name: z.string().min(1).describe('As list tells it.'), input: z.record(z.string(), z.unknown()).optional().describe('What it takes, as list tells it. Default {}.'), tenant: z.string().optional().describe('tenantId. Default: as configured.'), project: z.string().optional().describe('projectId. Default: as configured.') }),
    said: ({ name, input = {}, tenant, project }) => ({ options: ['--input=-', ...option('tenant', tenant), ...option('project', project)], names: [name], stdin: JSON.stringify(input) }),
  },
  runs: {
    ...looks,
    description: 'Runs, the latest first: id, name, status, when they began, and the error where they failed.',
    input: z.object({
      status: z.string().optional().describe('running, interrupted, succeeded, failed or cancelled; on Trigger.dev queued and waiting, too.'),
      since: z.string().optional().describe('Begun since: 30m, 12h, 1d, 2w.'),
      name: z.string().optional().describe('Of that track or orchestrator.'),
      tenant: z.string().optional().describe('Of that tenant.'),
      limit: z.int().min(1).max(1_000).optional().describe('As many at most. Default 50.'),
    }),
    said: ({ status, since, name, tenant, limit }) => ({ options: [...option('status', status), ...option('since', since), ...option('name', name), ...option('tenant', tenant), ...option('limit', limit)] }),
  },
  show: {
    ...looks,
    description: 'One run: status, input, and each step with its input, output, attempts, duration, error and why it ran; what it asks people for.',
    input: z.object({ run, logs: z.boolean().optional().describe('With the lines that handlers wrote. Default false.') }),
    said: ({ run: id, logs }) => ({ options: logs ? ['--logs'] : [], names: [id] }),
  },
  why: {
    ...looks,
    description: 'Why a resume would reuse or run each step of a run, or one step: it is new, its input changed (path and both values), its contract changed, its output is missing, a step before it runs.',
    input: z.object({ run, step: step.optional().describe('Its id, or its path. Default: all.') }),
    said: ({ run: id, step: one }) => ({ options: [], names: one === undefined ? [id] : [id, one] }),
  },
  diff: {
    ...looks,
    description: 'The steps that differ between two runs: in input and output by JSON path, in status, attempts, error and duration.',
    input: z.object({ before: run, after: run }),
    said: ({ before, after }) => ({ options: [], names: [before, after] }),
  },
  check: {
    ...looks,
    ofRuns: false,
    description: 'Touches everything that a run needs (definitions, handlers, journal, what the configuration checks), and says what to do where something is amiss.',
    input: z.object({}),
    said: () => ({ options: [] }),
  },
  resume: {
    ...acts,
    description: 'Goes on with a run that failed, was cancelled or was interrupted: what finished is reused. With plan, it only tells what it would do.',
    input: z.object({
      run,
      plan: z.boolean().optional().describe('Only tell what would be reused and what would be run, and why. Default false.'),
      force: z.array(step).optional().describe('Steps to run again although they finished.'),
      map: z.record(z.string(), z.string()).optional().describe('What a finished step that was renamed is called now: { "old": "new" }; "" lets go of what it made.'),
    }),
    said: ({ run: id, plan, force, map }) => ({ options: [...(plan ? ['--plan'] : []), ...each('force', force), ...option('map', map && mapped(map))], names: [id] }),
  },
  fork: {
    ...acts,
    description: 'Begins a new run that takes over what an earlier one did before a step, and does the rest anew, with another input where set says so. The earlier run stays as it is.',
    input: z.object({
      run,
      from: step.optional().describe('The first step that is done anew: id, path, or step[3] for an item.'),
      set: z.record(z.string(), z.unknown()).optional().describe('What its input is to be there, by JSON path: { "segments[3].text": "Hello" }.'),
      plan: z.boolean().optional().describe('Only tell what would be run. Default false.'),
    }),
    said: ({ run: id, from, set, plan }) => ({ options: [...option('from', from), ...pairs('set', set), ...(plan ? ['--plan'] : [])], names: [id] }),
  },
  cancel: {
    ...acts,
    runs: false,
    description: 'Has the process that runs a run cancel it, cleanly: it can be resumed.',
    input: z.object({ run }),
    said: ({ run: id }) => ({ options: [], names: [id] }),
  },
}
