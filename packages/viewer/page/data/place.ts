import { signal } from '@preact/signals'

/** Where in the page somebody is. It stands behind the `#` of the address, so that going back works, and the token is sent nowhere. */
export type Place =
  | { readonly at: 'runs' }
  | { readonly at: 'run'; readonly runId: string; readonly path?: string }
  | { readonly at: 'compare'; readonly before: string; readonly after: string }

const parse = (hash: string): Place => {
  const [, what, first = '', second = ''] = hash.slice(1).split('/').map((part) => decodeURIComponent(part))
  if (what === 'run' && first !== '') return { at: 'run', runId: first, ...(second !== '' && { path: second }) }
  if (what === 'compare' && second !== '') return { at: 'compare', before: first, after: second }
  return { at: 'runs' }
}

const safely = (hash: string): Place => {
  try {
    return parse(hash)
  } catch {
    return { at: 'runs' }
  }
}

export const place = signal<Place>(safely(location.hash))
addEventListener('hashchange', () => (place.value = safely(location.hash)))

export function addressOf(to: Place): string {
  if (to.at === 'runs') return '#/'
  const parts = to.at === 'run' ? ['run', to.runId, ...(to.path === undefined ? [] : [to.path])] : ['compare', to.before, to.after]
  return `#/${parts.map((part) => encodeURIComponent(part)).join('/')}`
}

/** `replace`: going back skips what was there. */
export function go(to: Place, { replace = false }: { readonly replace?: boolean } = {}): void {
  if (replace) {
    history.replaceState(null, '', addressOf(to))
    place.value = to
  } else location.hash = addressOf(to)
}
