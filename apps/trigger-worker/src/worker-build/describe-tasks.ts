import Table from 'cli-table3'

export interface DescribedTask {
  readonly id: string
  readonly payloadSchema?: unknown
}

/** Each task with the names of its payload's fields, and which tasks have no schema of their payload. */
export function describeTasks(tasks: readonly DescribedTask[]): { readonly text: string; readonly lacking: readonly string[] } {
  const table = new Table({ head: ['Task', 'Payload'], style: { head: [], border: [], compact: true }, colWidths: [36, 90], wordWrap: true })
  const lacking: string[] = []
  for (const { id, payloadSchema } of tasks) {
    const { properties, required = [] } = (payloadSchema ?? {}) as { properties?: object; required?: readonly string[] }
    if (!properties) lacking.push(id)
    table.push([id, properties ? Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`)).join(', ') : 'no schema'])
  }
  return { text: table.toString(), lacking }
}
