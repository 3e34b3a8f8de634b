import type { SupabaseLocal } from '@track-orchestrator/supabase-local'
import type { SupabaseClient } from '@supabase/supabase-js'
import { clientOf } from './history-project.ts'

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly PlanNode[]
}

/** What PostgreSQL did for a request. */
export interface RequestPlan {
  /** Each scan of a table: `Index Scan track_runs_of_project`, `Seq Scan track_runs`. */
  readonly scans: readonly string[]
  /** Rows that were sorted. */
  readonly sorted: number
  /** Rows that were read from a table, with those that a filter then removed. */
  readonly read: number
  readonly executionMs: number
}

/** Does something with a client that holds `token`, and gives the plans of the requests it made: made again, as they were, with `explain analyze`. */
export async function plansOf(supabase: SupabaseLocal, token: string, use: (client: SupabaseClient) => Promise<unknown>): Promise<RequestPlan[]> {
  const requests: (() => Promise<Response>)[] = []
  await use(
    clientOf(supabase, token, (input, init) => {
      const headers = new Headers(init?.headers)
      headers.set('accept', 'application/vnd.pgrst.plan+json; options=analyze|verbose')
      requests.push(() => fetch(input, { ...init, headers }))
      return fetch(input, init)
    }),
  )
  const plans: RequestPlan[] = []
  for (const request of requests) {
    const [{ Plan, 'Execution Time': executionMs }] = (await (await request()).json()) as [{ Plan: PlanNode; 'Execution Time': number }]
    const nodes = flatten(Plan)
    const scans = nodes.filter((node) => node['Relation Name'] !== undefined)
    plans.push({
      scans: scans.map((node) => `${node['Node Type']} ${node['Index Name'] ?? node['Relation Name']}`),
      sorted: sum(nodes.filter((node) => node['Node Type'] === 'Sort'), (node) => node['Actual Rows']),
      read: sum(scans, (node) => (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']),
      executionMs,
    })
  }
  return plans
}

const flatten = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)]
const sum = (nodes: readonly PlanNode[], of: (node: PlanNode) => number) => nodes.reduce((total, node) => total + of(node), 0)
