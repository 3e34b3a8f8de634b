import { blot } from './blot.ts'
import { granting } from './granting-name.ts'
import { endOfQuotes } from './value-ends.ts'

const flag = /(^|\s)(--?[a-z][\w-]{1,60})[ \t]{1,4}(?!-)([^\s"']+)/gi
const quotedFlag = /(^|\s)(--?[a-z][\w-]{1,60})[ \t]{1,4}(?=["'])/gi
const login = /((?:^|\s)(?:-u|--user|--proxy-user)[ =])(?:(["'])([^\s:"']{1,100}):[^"'\n]{1,1000}|([^\s:"']{1,100}):\S+)/g
/** As curl takes them without a space, or under letters that mean other things elsewhere. */
const curlLogin = /(\bcurl\b[^\n]{0,200}?\s-u[^\s:-][^\s:]{0,99}):\S+/g
const curlCookies = /(\bcurl\b[^\n]{0,200}?\s-b\s?(["']?))[\w.-]{1,80}=[^"'\n]{1,4000}/g

/** As MySQL's commands take it. */
const mysqlLogin = /(\b(?:mysql|mariadb)\w{0,10}\b[^\n]{0,200}?\s-p)[^\s-]\S*/g
/** A line of `.netrc`. */
const netrc = /(\blogin\s{1,8}\S{1,200}\s{1,8}password\s{1,8})\S+/g

/** Values of flags on a command line: `--password hunter2`, `-u joe:hunter2`. */
export function redactFlags(text: string): string {
  if (!text.includes('-')) return text.replace(netrc, `$1${blot}`)
  const plain = text
    .replace(netrc, `$1${blot}`)
    .replace(login, (_found, before: string, quote = '', quoted = '', user = '') => `${before}${quote}${quoted}${user}:${blot}`)
    .replace(curlLogin, `$1:${blot}`)
    .replace(curlCookies, `$1${blot}`)
    .replace(mysqlLogin, `$1${blot}`)
    .replace(flag, (found, before: string, name: string, value: string) => (granting(name) === 'sure' && !value.startsWith(blot) ? found.slice(0, found.length - value.length) + blot : found))
  let result = ''
  let copied = 0
  quotedFlag.lastIndex = 0
  for (let found = quotedFlag.exec(plain); found; found = quotedFlag.exec(plain)) {
    const inner = quotedFlag.lastIndex + 1
    if (granting(found[2]!) !== 'sure' || plain.startsWith(blot, inner)) continue
    result += plain.slice(copied, inner) + blot
    copied = endOfQuotes(plain, inner, plain[inner - 1]!)
    quotedFlag.lastIndex = copied
  }
  return copied === 0 ? plain : result + plain.slice(copied)
}
