import { useState } from 'preact/hooks'

/** Copies a text, and says that it did. */
export function CopyButton({ text, label = 'Copy' }: { readonly text: () => string; readonly label?: string }) {
  const [said, setSaid] = useState<string>()
  const copy = async () => {
    setSaid(await navigator.clipboard.writeText(text()).then(() => 'Copied', () => 'Not allowed'))
    setTimeout(() => setSaid(undefined), 1_500)
  }
  return <button type="button" class="quiet" onClick={() => void copy()} aria-live="polite">{said ?? label}</button>
}
