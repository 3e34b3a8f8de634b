/** `fetch` that follows no redirect: a key in a header of the service's own would go along to wherever it leads. */
export const vendorFetch: typeof fetch = (input, init) => fetch(input, { ...init, redirect: 'error' })
