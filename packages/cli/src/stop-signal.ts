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

/** Aborted by Ctrl-C, a polite kill or a closed terminal. Another one ends the process at once. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  let first: { readonly name: SignalName; readonly at: number } | undefined
  const stop = (name: SignalName) => {
    if (first) {
      if (first.name !== name || performance.now() - first.at > sameKeyMs) process.exit(stopCodes[name])
      return
    }
    first = { name, at: performance.now() }
    controller.abort(new StopRequest(name))
  }
  for (const name of Object.keys(stopCodes) as SignalName[]) process.on(name, () => stop(name))
  return controller.signal
}

/** The exit code of a command that this signal stopped. */
export function exitCodeOf({ reason }: AbortSignal): number {
  return reason instanceof StopRequest ? stopCodes[reason.signalName] : stopCodes.SIGINT
}
