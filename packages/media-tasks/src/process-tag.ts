import { createHash } from 'node:crypto'
import { isProcessGone, placeOfProcesses, processStart } from '@track-orchestrator/registry/processes'

/** This process's: none of it changes. */
let own: string | undefined

/** `<machine>-<process>-<start>`: in a file's name it tells, also later and to other processes, whose that is. */
export function processTag(): string {
  const start = own === undefined ? processStart(process.pid) : undefined
  return (own ??= `${machineId()}-${process.pid}-${typeof start === 'number' ? start : 0}`)
}

/**
 * Whether the process of the tag was one of this machine and is gone. One that lives is not, nor one of another machine or container
 * that shares the folder, nor where it cannot be told.
 */
export function isOfGoneProcess(tag: string): boolean {
  const [, machine, pid, start] = /^([\da-f]{12})-(\d{1,10})-(\d{1,16})$/.exec(tag) ?? []
  return machine !== undefined && machine === machineId() && isProcessGone(Number(pid), Number(start) === 0 ? undefined : Number(start))
}

/** This machine, boot and container in twelve characters. */
function machineId(): string {
  return createHash('sha256').update(placeOfProcesses()).digest('hex').slice(0, 12)
}
