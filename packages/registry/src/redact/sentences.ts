import { blot } from './blot.ts'
import { looksSecret } from './granting-name.ts'
import { endOfCredential, endOfToken, isReference } from './value-ends.ts'

/** What a sentence speaks of, and up to three words between that and the value: `API key provided: …`, `password "…"`, `access key id you gave (…)`. */
const spokenOf =
  /\b(pass(?:words?|wd|phrase|code)|(?:(?:x|xi)-)?api[ _-]?keys?|(?:access|secret|private|license|encryption)[ _-]?key(?:[ _-]?id)?|secrets?|tokens?|credentials?)(?:[ \t](?:id|value|you|we|that|which|provided|given|gave|used|supplied|sent|got|received|is|was|or|secret)){0,3}:?[ \t]{1,2}(\\?["'`]|\()?(?=[^\s"'`<>()])/gi

/** Values that a sentence tells of what it says they are: vendors repeat a wrong key in their errors. */
export function redactSentences(text: string): string {
  let result = ''
  let copied = 0
  spokenOf.lastIndex = 0
  for (let found = spokenOf.exec(text); found; found = spokenOf.exec(text)) {
    const start = spokenOf.lastIndex
    const opening = found[2]
    const value = text.slice(start, opening ? endOfToken(text, start, ')\\', 200) : Math.min(endOfCredential(text, start), start + 200))
    if (value.startsWith(blot) || isReference(value) || !isTold(found[1]!, value, opening !== undefined)) continue
    result += text.slice(copied, start) + blot
    spokenOf.lastIndex = copied = start + value.length
  }
  return copied === 0 ? text : result + text.slice(copied)
}

/** A password between quotes is any that is no word; keys and tokens are long, of letters and digits, and no id of ours. */
function isTold(name: string, value: string, isQuoted: boolean): boolean {
  if (isQuoted && /^pass/i.test(name)) return looksSecret(value)
  return /^(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])[\w+/=~.-]{16,}$/.test(value) && !/^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(value)
}
