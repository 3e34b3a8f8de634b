import Table from 'cli-table3'
import { measureChain } from './chain.ts'
import { measureGraph } from './graph.ts'
import { measureHistory } from './history.ts'
import { measureJournal } from './journal.ts'
import { measureMakespan } from './makespan.ts'
import { measureMediaCpu } from './media-cpu.ts'
import { measureSteps } from './steps.ts'
import { measureMemory } from './memory.ts'
import type { Measurement } from './measurement.ts'
import { measureSupabaseLog } from './supabase-log.ts'
import { measureR2Memory } from './r2-memory.ts'
import { measureTrigger } from './trigger.ts'

const benches: Record<string, () => Promise<Measurement[]>> = {
  chain: measureChain,
  steps: measureSteps,
  graph: measureGraph,
  makespan: measureMakespan,
  journal: measureJournal,
  media: measureMediaCpu,
  memory: measureMemory,
  history: measureHistory,
  supabase: measureSupabaseLog,
  'r2-memory': measureR2Memory,
  trigger: measureTrigger,
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
