/** What asks a process to stop, and the code it ends with: 128 and the signal's number, as shells do. */
const stopCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const
type SignalName = keyof typeof stopCodes

/** One Ctrl-C can arrive twice: from the terminal, and handed on by npm or npx. */
const sameKeyMs = 500

class StopRequest extends Error {
  readonly signalName: SignalName

  constructor(signalName: SignalName) {
    super(`stopped by ${signalName}`)
    this.name = 'StopRequest'
    this.signalName = signalName
  }
}

const parentEveryMs = 250

export interface StopSignalOptions {
  /** Told once, when the first signal has come. */
  readonly onStop?: () => void
  /**
   * Stop as by SIGHUP when the parent process is gone: a kill that npm is told reaches the shell between npm and a script, and no further. Default false: a
   * command that a person sends into the background outlives its shell.
   */
  readonly withParent?: boolean
}

/** Aborted by Ctrl-C, a polite kill or a closed terminal. Another one ends the process at once. */
export function stopSignal({ onStop, withParent = false }: StopSignalOptions = {}): AbortSignal {
  const controller = new AbortController()
  let first: { readonly name: SignalName; readonly at: number } | undefined
  const stop = (name: SignalName) => {
    if (first) {
      if (first.name !== name || performance.now() - first.at > sameKeyMs) process.exit(stopCodes[name])
      return
    }
    first = { name, at: performance.now() }
    onStop?.()
    controller.abort(new StopRequest(name))
  }
  for (const name of Object.keys(stopCodes) as SignalName[]) process.on(name, () => stop(name))
  if (withParent) whenParentIsGone(() => stop('SIGHUP'))
  return controller.signal
}

/** The process has another parent then. */
function whenParentIsGone(tell: () => void): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    tell()
  }, parentEveryMs)
  timer.unref()
}

/** The exit code of a command that this signal stopped. */
export function exitCodeOf({ reason }: AbortSignal): number {
  return reason instanceof StopRequest ? stopCodes[reason.signalName] : stopCodes.SIGINT
}
