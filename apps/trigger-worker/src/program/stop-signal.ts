/** What asks a process to stop, and the code it ends with: 128 and the signal's number, as shells do. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

/** One Ctrl-C can arrive twice: from the terminal, and handed on by npm. */
const sameKeyMs = 500
const parentEveryMs = 250

type SignalName = keyof typeof exitCodes

class StopRequest extends Error {
  readonly signalName: SignalName

  constructor(signalName: SignalName) {
    super(`Stopped by ${signalName}`)
    this.name = 'StopRequest'
    this.signalName = signalName
  }
}

/** Aborted by Ctrl-C, a polite kill or a closed terminal. A second one ends the process at once. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  let first: { readonly name: string; readonly at: number } | undefined
  const stop = (name: SignalName) => {
    if (first) {
      if (first.name !== name || performance.now() - first.at > sameKeyMs) process.exit(exitCodes[name])
      return
    }
    first = { name, at: performance.now() }
    process.stderr.write('\nStopping … (once more to leave at once)\n')
    controller.abort(new StopRequest(name))
  }
  for (const name of Object.keys(exitCodes) as SignalName[]) process.on(name, () => stop(name))
  if (process.env['npm_lifecycle_event'] !== undefined) whenParentIsGone(() => stop('SIGHUP'))
  return controller.signal
}

/** A kill that npm is told reaches the shell between npm and this process, and no further: the shell is gone then, and this process has another parent. */
function whenParentIsGone(tell: () => void): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    tell()
  }, parentEveryMs)
  timer.unref()
}

/** The exit code of a program that this signal stopped. */
export function exitCodeOf({ reason }: AbortSignal): number {
  return reason instanceof StopRequest ? exitCodes[reason.signalName] : exitCodes.SIGINT
}
