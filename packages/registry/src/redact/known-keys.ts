import { blot } from './blot.ts'

const keyBegin = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g
const keyEnd = /-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g

const puttyLines = /(\bPrivate-Lines: {0,4}\d{1,5}\s)[\s\S]*?(?=Private-MAC:|$)/g

/** Private keys (PEM, PGP, PuTTY's), to their end, or to that of the text where they have none. */
export function redactPrivateKeys(text: string): string {
  return redactPem(text.includes('Private-Lines:') ? text.replace(puttyLines, `$1${blot}\n`) : text)
}

function redactPem(text: string): string {
  if (!text.includes('PRIVATE KEY')) return text
  let result = ''
  let copied = 0
  keyBegin.lastIndex = 0
  for (let begin = keyBegin.exec(text); begin; begin = keyBegin.exec(text)) {
    keyEnd.lastIndex = keyBegin.lastIndex
    const end = keyEnd.exec(text) ? keyEnd.lastIndex : text.length
    result += text.slice(copied, begin.index) + blot
    copied = end
    keyBegin.lastIndex = end
  }
  return result + text.slice(copied)
}

/**
 * Keys that say by their beginning what they are: Stripe and its like, OpenAI, Anthropic, Trigger.dev, Supabase, GitHub, GitLab, Slack, npm,
 * PyPI, Hugging Face, Google, Shopify, DigitalOcean, SendGrid, AWS; and JSON Web Tokens. Every part is bounded, or taken to its end.
 */
const wellKnown = new RegExp(
  [
    String.raw`\bsk[_-](?:(?=[\w-]{0,64}\d)[\w-]{8,}|(?:[a-z]{2,10}[_-])?[A-Za-z]{16,})`,
    String.raw`\b(?:[pr]k_(?:live|test)|whsec|tr_(?:dev|prod|stg|preview|pat)|sb_secret|sbp|gh[oprsu]|github_pat|gsk|r8|shp(?:at|ca|pa|ss)|do[opr]_v1)_[\w-]{8,}`,
    String.raw`\b(?:npm|hf)_[A-Za-z0-9]{30,}`,
    String.raw`\b(?:glpat|xox[abeoprs]|xapp|pypi|dckr_pat)-[\w-]{16,}`,
    String.raw`\bAIza[\w-]{30,}`,
    String.raw`\b1//0[\w-]{20,}`,
    String.raw`\bya29\.[\w-]{10,}`,
    String.raw`\bSG\.[\w-]{16,64}\.[\w-]{16,}`,
    String.raw`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`,
    String.raw`\beyJ[\w-]{8,1024}\.[\w-]{8,}(?:\.[\w-]*)?`,
  ].join('|'),
  'g',
)

export function redactKnownKeys(text: string): string {
  return text.replace(wellKnown, blot)
}
