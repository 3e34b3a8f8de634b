/** Whether a value under such a name grants access: `sure`, or only where it also looks like a secret (`perhaps`). */
export type Granting = 'sure' | 'perhaps' | 'no'

const secrets = new Set(['password', 'passwords', 'passwd', 'pwd', 'pw', 'otp', 'totp', 'passphrase', 'passphrases', 'passcode', 'secret', 'secrets', 'token', 'authorization', 'cookie', 'cookies', 'credentials', 'apikey', 'apikeys', 'jwt', 'bearer'])
const perhaps = new Set(['signature', 'sig', 'credential', 'auth', 'pass', 'policy', 'sessionid', 'sessid', 'phpsessid', 'jsessionid', 'sid'])
/** What a key is for. A `publicKey`, `storageKey` or `primaryKey` grants nothing. */
const keysOf = new Set(['api', 'private', 'secret', 'access', 'encryption', 'signing', 'master', 'hmac', 'ssh', 'deploy', 'license', 'service', 'role', 'anon', 'auth', 'account', 'shared', 'subscription', 'admin', 'client', 'session', 'symmetric', 'rsa', 'root'])
/** As the last word these say that it is about a secret, and no secret: `secretName`, `passwordLength`. */
const about = new Set(['id', 'ids', 'name', 'names', 'arn', 'path', 'file', 'ref', 'count', 'version', 'length', 'bytes', 'type', 'policy', 'hint', 'field', 'required', 'at', 'expires', 'expiry', 'url', 'manager'])
/** Words written as one. */
const joined = /(?:password|passwd|passphrase|secret|apikey|secretkey|accesskey|privatekey|(?:auth|access|refresh|session|id|identity|registry|security|oauth|user|client|bearer|csrf|xsrf|api|app|device|push|bot|login|reset)tokens?)$/
/** How the secret is written; it is the word before that says what it is: `client-key-data`, `API_KEY_BASE64`, `tokenValue`. */
const writtenAs = new Set(['data', 'value', 'base64', 'b64', 'pem', 'raw', 'plain', 'plaintext'])

const longestName = 100
const known = new Map<string, Granting>()
const mostKnown = 2_000

/** Judges a name by its words, whether they are written `apiKey`, `API_KEY`, `api-key` or `x.api.key`. */
export function granting(name: string): Granting {
  const before = known.get(name)
  if (before !== undefined) return before
  const judged = judge(name.slice(-longestName))
  if (known.size < mostKnown && name.length <= longestName) known.set(name, judged)
  return judged
}

function judge(name: string): Granting {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '')
  while (words.length > 1 && writtenAs.has(words.at(-1)!)) words.pop()
  const last = words.at(-1)
  if (last === undefined || about.has(last)) return 'no'
  const beforeLast = words.at(-2)
  if (secrets.has(last) || joined.test(last)) return 'sure'
  if (last === 'tokens' && beforeLast !== undefined && joined.test(`${beforeLast}tokens`)) return 'sure'
  if (words.includes('secret') || words.includes('password')) return 'sure'
  if ((last === 'key' || last === 'keys') && beforeLast !== undefined && keysOf.has(beforeLast)) return 'sure'
  if (words.slice(-2).join(' ') === 'access signature') return 'sure'
  return perhaps.has(last) ? 'perhaps' : 'no'
}

/** Whether a text is unlike a word of a sentence: it holds a digit or a sign, capitals in the middle, or letters as no word has them. */
export function looksSecret(text: string): boolean {
  return text.length >= 6 && (/\d/.test(text) || /[^\w\s.,;:!?'"()-]/.test(text) || /[a-z][A-Z]|[A-Z]{2}[a-z]/.test(text) || /\w_\w/.test(text) || isUnlikeWord(text))
}

/** Whether letters alone are no word of a sentence: too many of them, or too many consonants in a row. Words that are as long have known endings. */
export function isUnlikeWord(text: string): boolean {
  return /^(?:[a-z]{8,}|[A-Z]{8,}|[A-Z][a-z]{7,})$/.test(text) && (/[^aeiouy]{7}/i.test(text) || (text.length >= 16 && !/(?:ations?|ities|ity|ing|ments?|ness|able|ally|i[sz]ed|i[sz]m)$/i.test(text)))
}
