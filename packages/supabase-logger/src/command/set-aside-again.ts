import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { EventRow } from '../event-row.ts'
import { describeAnswer, sendRows } from '../writer/answer.ts'
import { deliver } from '../writer/deliver.ts'
import type { EventsClient } from '../writer/events-client.ts'
import { setAsideFile, type SetAsideEntry } from '../writer/set-aside.ts'

/** What lies aside in a spool. `unreadable`: lines that are not even an entry of that. */
export interface SetAsideList {
  readonly entries: readonly SetAsideEntry[]
  readonly unreadable: number
}

/** The folders of a spool in which something lies aside: of each project its own. */
export function foldersWithSetAside(spoolFolder: string): string[] {
  const folders = [spoolFolder, ...readdirSync(spoolFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => join(spoolFolder, name))]
  return folders.filter((folder) => filesOf(folder).length > 0)
}

export function readSetAside(folder: string): SetAsideList {
  return parse(filesOf(folder).map((name) => readFileSync(join(folder, name), 'utf8')).join(''))
}

/**
 * Sends again what was set aside in a folder of a spool: rows that the database takes now are gone from there, the others stay, with the new answer, and so
 * do lines that are no rows. Logs may go on setting rows aside meanwhile. What is under way when this process dies is found by the next call.
 */
export async function sendSetAside(client: EventsClient, folder: string, { schema = 'public', timeoutMs = 10_000 } = {}): Promise<{ readonly sent: number; readonly left: number }> {
  const path = join(folder, setAsideFile)
  // Out of the way of the logs, which add to it.
  if (existsSync(path)) renameSync(path, join(folder, `dead-${Date.now()}-${process.pid}.jsonl`))
  let [sent, left] = [0, 0]
  for (const name of filesOf(folder).filter((one) => one !== setAsideFile)) {
    const { entries } = parse(readFileSync(join(folder, name), 'utf8'))
    const rows = entries.flatMap((entry) => ('row' in entry ? entry.row : []))
    const results = new Map<EventRow, string>()
    for (let from = 0; from < rows.length; from += 500) {
      const batch = rows.slice(from, from + 500)
      const { stored, refused, waiting, stop } = await deliver(batch, (part) => sendRows(client, schema, part, timeoutMs), { haveWaited: true, isInDoubt: true })
      for (const { index, result } of [...refused, ...waiting]) results.set(batch[index]!, describeAnswer(result))
      const isStored = new Set(stored)
      for (const [index, row] of batch.entries()) if (!isStored.has(index) && !results.has(row)) results.set(row, stop ? describeAnswer(stop) : 'not sent')
      sent += stored.length
    }
    const still = entries.filter((entry) => !('row' in entry) || results.has(entry.row))
    const lines = still.map((entry) => JSON.stringify('row' in entry ? { ...entry, answer: results.get(entry.row) } : entry))
    if (lines.length > 0) appendFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 })
    left += still.length
    rmSync(join(folder, name))
  }
  return { sent, left }
}

const filesOf = (folder: string): string[] => readdirSync(folder).filter((name) => name === setAsideFile || /^dead-\d+-\d+\.jsonl$/.test(name))

function parse(text: string): SetAsideList {
  const entries: SetAsideEntry[] = []
  let unreadable = 0
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    try {
      const entry = JSON.parse(line) as SetAsideEntry
      if (('row' in entry && typeof entry.row?.id === 'string') || ('line' in entry && typeof entry.line === 'string')) entries.push(entry)
      else unreadable++
    } catch {
      unreadable++ // torn, as when the disk was full
    }
  }
  return { entries, unreadable }
}
