/** As whom the servers run. Empty: as whoever started them. */
export interface ProcessOwner {
  readonly uid?: number
  readonly gid?: number
}

/** PostgreSQL refuses to run as root: there it runs as `nobody` (65534 on Linux), whom nothing belongs to. */
export function processOwner(): ProcessOwner {
  return process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
}
