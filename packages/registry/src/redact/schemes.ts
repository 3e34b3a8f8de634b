import { blot } from './blot.ts'
import { isUnlikeWord, looksSecret } from './granting-name.ts'
import { endOfCredential, endOfLine, endOfToken, isNoValue, isReference } from './value-ends.ts'

/** Schemes of HTTP authorization, registered ones and those of vendors, before what they authorize with. `%20` and `\ ` are spaces, too. */
const scheme = /\b(bearer|api-?key|dpop|ssws|genie-?key|shared-?key(?:lite)?|basic|token|jwt|oauth|ntlm|negotiate|digest|hawk|mac|vapid|key)((?:\\?\s){1,8}|%20)(?=[^\s"'`<>])/gi
/** Seldom words of a sentence: what follows is a token, whatever it looks like. */
const always = /^(?:bearer|Bearer|BEARER|Api-?Key|API-?K(?:ey|EY)|Apikey|DPoP|SSWS|GenieKey|SharedKey(?:Lite)?)$/
/** What follows on them in sentences all the same. */
const inSentence =
  /^(?:tokens?|keys?|auth|authentication|authorization|credentials?|schemes?|headers?|formats?|types?|parameters?|errors?|names?|values?|only|bonds?|shares?|bucket|expired|rejected|refused|revoked|malformed|given|found|provided|here|there|will|would|might|does|did|when|where|which|who|whose|than|then|into|per|via|because|but|so|also)[.,;:!?)}\]]{0,3}$/i
/** Schemes whose parts have names: `Digest username="joe", response="…"`. */
const parts = /[\w-]{1,40}[ \t]{0,2}=[ \t]{0,2}["\w]/y
/** What a server asks for is no secret: `Bearer realm="api"`. */
const challenge = /(?:realm|error|scope|charset|title)[ \t]{0,2}=/iy

/** Tokens after the word that says how they authorize: `Bearer …`, `Basic …`, `Token …`, in any text. */
export function redactSchemes(text: string): string {
  let result = ''
  let copied = 0
  scheme.lastIndex = 0
  for (let found = scheme.exec(text); found; found = scheme.exec(text)) {
    const start = scheme.lastIndex
    const end = whereItEnds(text, found[1]!, found.index, start)
    if (end <= start) continue
    result += text.slice(copied, start) + blot
    scheme.lastIndex = copied = end
  }
  return copied === 0 ? text : result + text.slice(copied)
}

/** Where the credentials end that begin at `start`; `start` itself where there are none. */
function whereItEnds(text: string, name: string, before: number, start: number): number {
  if (isAt(challenge, text, start)) return start
  if (isAt(parts, text, start)) return /^(?:digest|oauth|hawk|mac|vapid|token)$/i.test(name) ? endOfLine(text, start, '\u0000') : endOfCredential(text, start)
  const token = text.slice(start, endOfToken(text, start, '', 200))
  if (!/^[\p{L}\p{N}+/%._~-]{0,8}[\p{L}\p{N}]/u.test(token) || token.startsWith(blot) || inSentence.test(token) || isNoValue(token) || isReference(token)) return start
  return isToken(name, token) || isWholeText(text, name, before, start) ? endOfCredential(text, start) : start
}

function isToken(name: string, token: string): boolean {
  if (always.test(name)) return true
  switch (name.toLowerCase()) {
    case 'basic':
      return namesUser(token) || (/^[\w+/=-]{8,}$/.test(token) && looksSecret(token))
    case 'negotiate':
      return /^[\w+/-]{16,}={0,2}$/.test(token) && looksSecret(token)
    case 'digest':
      return !/^sha-?\d/i.test(token) && looksSecret(token)
    case 'key': // a key also leads to a file, and is said of much
      return isUnlikeWord(token) || /^(?=.*\d)[\w:-]{16,}$/.test(token)
    case 'hawk':
    case 'mac':
    case 'vapid':
      return false
    default:
      return looksSecret(token)
  }
}

/** Whether it is `user:password` in Base64 (RFC 7617). */
function namesUser(token: string): boolean {
  if (!/^[\w+/-]{4,}={0,2}$/.test(token)) return false
  const text = Buffer.from(token, 'base64').toString()
  return !text.includes('\uFFFD') && /^[\p{L}\p{N}\p{P}\p{S}]*:[\p{L}\p{N}\p{P}\p{S} ]*$/u.test(text)
}

/** A text in quotes that is a scheme and one word, as headers are written in JSON and code: `'Token tigers'`. */
function isWholeText(text: string, name: string, before: number, start: number): boolean {
  if (!/^(?:Token|JWT|OAuth)$/.test(name)) return false
  const quote = text[before - 1]
  if (quote !== '"' && quote !== "'" && quote !== '`') return false
  const end = endOfToken(text, start, '\\', 200)
  return text[end] === quote || (text[end] === '\\' && text[end + 1] === quote)
}

function isAt(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at
  return pattern.test(text)
}
