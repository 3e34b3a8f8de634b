const blot = '[redacted]'

/** Query parameters that grant access: S3 and R2 signatures, tokens, keys (AWS Signature Version 4, OAuth 2.0 bearer tokens). */
const grantingParameter = /[?&](?:x-amz-[\w-]+|signature|sig|token|access_token|refresh_token|api_?key|key|secret|password|auth|credential|policy|expires)=/i
const url = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>`]+/gi
const userInfo = /(\/\/)[^/?#@\s]+@/
const header = /\b(authorization|xi-api-key|x-api-key|apikey|cookie|set-cookie)(["']?\s*[:=]\s*["']?)(?:(?:bearer|token|basic)\s+)?[^\s"',;]+/gi
const scheme = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi
const wellKnownKey = /\b(?:sk|pk|rk|tr_(?:dev|prod|stg|pat)|sb_secret|sbp)_[\w-]{8,}|\bsk-[\w-]{16,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g
const grantingKey = /^(?:.*[-_])?(?:authorization|password|passphrase|secret|token|api-?_?key|secret-?_?access-?_?key|service-?_?role-?_?key|cookie)$/i

/** Text with secrets blotted out: signed URLs lose their query, URLs their user name, headers and well-known keys their value. What is no text becomes one. */
export function redact(text: unknown): string {
  if (typeof text !== 'string') return redact(textOf(text))
  if (text.length < 8) return text
  return text
    .replace(url, (found) => {
      const query = found.indexOf('?')
      const bare = query >= 0 && grantingParameter.test(found) ? `${found.slice(0, query)}?${blot}` : found
      return bare.replace(userInfo, `$1${blot}@`)
    })
    .replace(header, `$1$2${blot}`)
    .replace(scheme, `$1 ${blot}`)
    .replace(wellKnownKey, blot)
}

/**
 * A copy of a value as plain JSON, with secrets blotted out: in its strings, and whole under keys such as `apiKey` or `authorization`.
 * Takes anything: what is nested too deep (or in a circle) or cannot be read says so in its place.
 */
export function redactValue(value: unknown, depth = 12): unknown {
  if (typeof value === 'string') return redact(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return '[too deep]'
  try {
    if (Array.isArray(value)) return value.map((item) => redactValue(item, depth - 1))
    if (value instanceof Date) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [redact(key), isGrantingKey(key) && inner ? blot : redactValue(inner, depth - 1)]))
  } catch {
    return '[unreadable]'
  }
}

const isGrantingKey = (key: string): boolean => grantingKey.test(key.replace(/([a-z])([A-Z])/g, '$1-$2'))

function textOf(value: unknown): string {
  try {
    return String(value)
  } catch {
    return '[unreadable]'
  }
}
