import { useEffect, useState } from 'react'

/** What the last look gave. After one that failed: what the one before it gave, beside the error. */
export interface Looked<Value> {
  readonly value: Value | undefined
  readonly error: string | undefined
}

/**
 * Looks at once, and again every `intervalMs` and whenever `watch` says so, while `goesOn` holds of what was seen last. One look at a time; none while the
 * page is hidden. Begins anew when `key` changes. What an abandoned look gives is forgotten.
 */
export function useLooks<Value>(key: string, look: (signal: AbortSignal, before: Value | undefined) => Promise<Value>, goesOn: (value: Value) => boolean, intervalMs: number, watch?: (onChange: () => void) => () => void): Looked<Value> {
  const [looked, setLooked] = useState<Looked<Value> & { readonly key: string }>({ key, value: undefined, error: undefined })
  useEffect(() => {
    const ending = new AbortController()
    let value: Value | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let isLooking = false
    let isNews = false
    const next = async (): Promise<void> => {
      if (isLooking) return void (isNews = true)
      clearTimeout(timer)
      isLooking = true
      isNews = false
      try {
        if (!document.hidden) value = await look(ending.signal, value)
        if (!ending.signal.aborted) setLooked({ key, value, error: undefined })
      } catch (error) {
        if (!ending.signal.aborted) setLooked({ key, value, error: error instanceof Error ? error.message : String(error) })
      }
      isLooking = false
      if (ending.signal.aborted || (value !== undefined && !goesOn(value))) return
      if (isNews) return next()
      timer = setTimeout(() => void next(), intervalMs)
    }
    const onShown = () => void (document.hidden || next())
    document.addEventListener('visibilitychange', onShown)
    const unwatch = watch?.(() => void next())
    void next()
    return () => {
      ending.abort()
      clearTimeout(timer)
      unwatch?.()
      document.removeEventListener('visibilitychange', onShown)
    }
    // The functions are made anew at each rendering; what they depend on is in the key.
  }, [key, intervalMs])
  return looked.key === key ? looked : { value: undefined, error: undefined }
}
