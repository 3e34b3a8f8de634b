import { blot } from './blot.ts'
import { granting } from './granting-name.ts'

const beginning = /[a-z][a-z\d+.-]{0,30}$/i
const separator = /:(?:\/\/|\\\/\\\/)/g
const ending = /[\s"'<>`]|\\(?!\/)/g
const inQuery = /[=?&#,;|(]/
/** Names of parameters that grant access in a URL, but are harmless elsewhere (Azure SAS, S3, CloudFront, Google, Akamai). */
const parameters = new Set(['key', 'sig', 'signature', 'policy', 'expires', 'se', 'hdnea', 'hdnts', 'hmac', 'code', 'auth', 'credential', 'pass', 'key-pair-id', 'googleaccessid'])
/** Where the path is the secret: webhooks of Slack and Discord, bots of Telegram. */
const secretPaths = /^((?:hooks\.slack\.com\/(?:services|workflows)|(?:\w+\.)?discord(?:app)?\.com\/api\/webhooks)\/|api\.telegram\.org\/bot).+$/i
const web = /^(?:https?|wss?|ftps?|sftp|file)$/i

/**
 * URLs lose a query or fragment that grants access, and who logs in: also where a password holds `/ # ? @`, as connection strings do. So do
 * URLs in JSON with escaped slashes, in the query of other URLs, and such as begin with `//`.
 */
export function redactUrls(given: string): string {
  const text = given.replace(encoded, redactEncoded).replace(withoutScheme, `$1//${blot}@`)
  let result = ''
  let copied = 0
  let end = 0
  separator.lastIndex = 0
  for (let found = separator.exec(text); found; found = separator.exec(text)) {
    const start = found.index + found[0].length
    const scheme = beginning.exec(text.slice(Math.max(copied, found.index - 31), found.index))?.[0]
    if (scheme === undefined) continue
    if (start > end) {
      ending.lastIndex = start
      end = ending.exec(text)?.index ?? text.length
    }
    const inner = innerUrl(text, start, end)
    const rest = text.slice(start, inner)
    const plain = found[0] === '://' ? rest : rest.replaceAll('\\/', '/')
    const told = redactRest(scheme, plain)
    result += text.slice(copied, start) + (told === plain ? rest : plain === rest ? told : told.replaceAll('/', '\\/'))
    copied = told.endsWith(blot) ? end : inner
    separator.lastIndex = copied
  }
  return result + text.slice(copied)
}

/** Where another URL begins that is a parameter of this one; the end of this one if none is. */
function innerUrl(text: string, start: number, end: number): number {
  const { lastIndex } = separator
  separator.lastIndex = start
  const at = separator.exec(text)?.index ?? end
  separator.lastIndex = lastIndex
  if (at >= end) return end
  const scheme = beginning.exec(text.slice(Math.max(start, at - 31), at))?.[0].length ?? 0
  return scheme > 0 && inQuery.test(text[at - scheme - 1] ?? '') ? at - scheme : end
}

const encoded = /%3A%2F%2F([^\s"'<>`&]{1,2000})/gi
const withoutScheme = /(^|[\s"'`=(,])\/\/[^\s/@"'`:]{1,200}:[^\s/@"'`]{1,200}@/g

function redactEncoded(found: string, rest: string): string {
  let plain: string
  try {
    plain = decodeURIComponent(rest)
  } catch {
    return found
  }
  const told = redactRest('https', plain)
  return told === plain ? found : `${found.slice(0, found.length - rest.length)}${told}`
}

/** What follows on `https://`. */
function redactRest(scheme: string, rest: string): string {
  const user = endOfUser(scheme, rest)
  const bare = user === 0 ? rest : `${blot}@${rest.slice(user)}`
  const query = bare.search(/[?#]/)
  if (query >= 0 && bare.slice(query + 1).split(/[?&#;]/).some(isGranting)) return `${bare.slice(0, query + 1)}${blot}`
  return bare.replace(secretPaths, `$1${blot}`)
}

function isGranting(parameter: string): boolean {
  const equals = parameter.indexOf('=')
  if (equals <= 0) return false
  const name = parameter.slice(0, Math.min(equals, 100)).toLowerCase()
  return name.startsWith('x-amz-') || name.startsWith('x-goog-') || parameters.has(name) || granting(parameter.slice(0, equals)) !== 'no'
}

/** Where the host begins: after the `@` that ends user and password. 0 where nobody logs in. */
function endOfUser(scheme: string, rest: string): number {
  const last = rest.lastIndexOf('@')
  if (last < 0) return 0
  const end = rest.search(/[/?#]/)
  const authority = end < 0 ? rest : rest.slice(0, end)
  const first = authority.lastIndexOf('@')
  if (!web.test(scheme)) return first >= 0 || authority.includes(':') ? last + 1 : 0
  // A password may hold a slash; a path may hold an @. Where a host stands before the slash, it is a path.
  if (first >= 0) return !authority.includes(':') || isHost(authority.slice(first + 1)) ? first + 1 : last + 1
  return /:(?!\d{0,5}$)/.test(authority) && !authority.startsWith('[') ? last + 1 : 0
}

function isHost(text: string): boolean {
  return /^(?:localhost|\[[\da-f:]+\]|[\w-]+(?:\.[\w-]+)+)(?::\d{1,5})?$/i.test(text) || /^[\w-]+:\d{1,5}$/.test(text)
}
