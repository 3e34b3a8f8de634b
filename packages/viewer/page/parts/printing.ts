import { signal } from '@preact/signals'

/** Whether the page is being put on paper: then a list, and the graph, stand there whole. */
export const isPrinting = signal(false)

const media = matchMedia('print')
isPrinting.value = media.matches
media.addEventListener('change', () => (isPrinting.value = media.matches))
// Not all browsers tell both.
addEventListener('beforeprint', () => (isPrinting.value = true))
addEventListener('afterprint', () => (isPrinting.value = false))
