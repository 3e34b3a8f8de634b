import type { ComponentChildren, RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { isPrinting } from './printing.ts'

interface VirtualListProps {
  readonly count: number
  /** Of every row, in pixels. */
  readonly rowHeight: number
  readonly row: (index: number) => ComponentChildren
  /** Is brought into view when it changes. */
  readonly shownIndex?: number | undefined
  /** The end stays in view while rows come in, as long as it is in view. */
  readonly followsEnd?: boolean
  readonly class?: string
  readonly attributes?: Record<string, unknown>
  readonly elementRef?: RefObject<HTMLDivElement | null>
}

/** Rows above and below what is seen, so that a fast scroll meets no hole. */
const margin = 12

/** On paper: more is no list that a person reads. */
const mostPrinted = 500

/** A list of which only what is seen stands in the page: tens of thousands of rows scroll as fast as twenty. */
export function VirtualList({ count, rowHeight, row, shownIndex, followsEnd = false, class: name = '', attributes = {}, elementRef }: VirtualListProps) {
  const own = useRef<HTMLDivElement>(null)
  const element = elementRef ?? own
  const [seen, setSeen] = useState({ top: 0, height: 600 })
  const atEnd = useRef(true)

  useLayoutEffect(() => {
    const box = element.current!
    const measure = () => {
      const { scrollTop, clientHeight, scrollHeight } = box
      atEnd.current = scrollTop + clientHeight >= scrollHeight - rowHeight
      setSeen((before) => (before.top === scrollTop && before.height === clientHeight ? before : { top: scrollTop, height: clientHeight }))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(box)
    box.addEventListener('scroll', measure, { passive: true })
    return () => {
      observer.disconnect()
      box.removeEventListener('scroll', measure)
    }
  }, [])
  useEffect(() => {
    if (followsEnd && atEnd.current) element.current!.scrollTop = count * rowHeight
  }, [count])
  useEffect(() => {
    const box = element.current!
    if (shownIndex === undefined || shownIndex < 0) return
    const [top, bottom] = [shownIndex * rowHeight, (shownIndex + 1) * rowHeight]
    if (top < box.scrollTop) box.scrollTop = top
    else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight
  }, [shownIndex])

  const isPrinted = isPrinting.value
  const first = isPrinted ? 0 : Math.max(0, Math.floor(seen.top / rowHeight) - margin)
  const last = Math.min(count, isPrinted ? mostPrinted : Math.ceil((seen.top + seen.height) / rowHeight) + margin)
  return (
    <div ref={element} class={`virtual ${name}`} {...attributes}>
      <div role="presentation" style={{ height: `${(isPrinted ? last : count) * rowHeight}px`, position: 'relative' }}>
        <div role="presentation" style={{ position: 'absolute', left: 0, right: 0, top: `${first * rowHeight}px` }}>
          {Array.from({ length: Math.max(0, last - first) }, (_, index) => row(first + index))}
        </div>
      </div>
      {isPrinted && last < count && <p class="muted">and {(count - last).toLocaleString()} more</p>}
    </div>
  )
}
