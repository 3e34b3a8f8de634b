import Table from 'cli-table3'
import type { Measurement } from './measurement.ts'

/** Each is loaded when it is asked for: what others bring along (AsyncLocalStorage makes every `await` of a process dearer) is not to be measured. */
const benches: Record<string, () => Promise<Measurement[]>> = {
  chain: async () => (await import('./chain.ts')).measureChain(),
  steps: async () => (await import('./steps.ts')).measureSteps(),
  graph: async () => (await import('./graph.ts')).measureGraph(),
  makespan: async () => (await import('./makespan.ts')).measureMakespan(),
  journal: async () => (await import('./journal.ts')).measureJournal(),
  media: async () => (await import('./media-cpu.ts')).measureMediaCpu(),
  flagship: async () => (await import('./flagship.ts')).measureFlagship(),
  edited: async () => (await import('./edited-line.ts')).measureEditedLine(),
  memory: async () => (await import('./memory.ts')).measureMemory(),
  history: async () => (await import('./history.ts')).measureHistory(),
  supabase: async () => (await import('./supabase-log.ts')).measureSupabaseLog(),
  'r2-memory': async () => (await import('./r2-memory.ts')).measureR2Memory(),
  viewer: async () => (await import('./viewer.ts')).measureViewer(),
  trigger: async () => (await import('./trigger.ts')).measureTrigger(),
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in benches))
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}`)
  process.exit(2)
}

// Each figure is a ratio against a bare baseline in the same run: the machine's own speed cancels out.
const table = new Table({ head: ['What', 'Measured', 'Limit', '', 'Made of'], style: { head: [], border: [], compact: true } })
for (const name of asked.length > 0 ? asked : Object.keys(benches)) {
  console.error(`${name} …`)
  for (const { name: what, ratio, limit, detail } of await benches[name]!()) {
    table.push([what, ratio.toFixed(2), limit.toFixed(2), ratio <= limit ? '' : 'over', detail])
  }
}
console.log(table.toString())
