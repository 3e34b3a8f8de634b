import { tableOf } from '../program/table.ts'

export interface DescribedTask {
  readonly id: string
  readonly payloadSchema?: unknown
}

/** Each task with the names of its payload's fields, and which tasks have no schema of their payload. */
export function describeTasks(tasks: readonly DescribedTask[]): { readonly text: string; readonly lacking: readonly string[] } {
  const rows: string[][] = []
  const lacking: string[] = []
  for (const { id, payloadSchema } of tasks) {
    const { properties, required = [] } = (payloadSchema ?? {}) as { properties?: object; required?: readonly string[] }
    if (!properties) lacking.push(id)
    rows.push([id, properties ? Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`)).join(', ') : 'no schema'])
  }
  return { text: tableOf([['Task', 34], ['Payload', 43]], rows), lacking }
}
