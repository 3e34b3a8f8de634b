import { redactAssignments } from './assignments.ts'
import { redactFlags } from './flags.ts'
import { redactKnownKeys, redactPrivateKeys } from './known-keys.ts'
import { redactForms, redactPairs, redactTags } from './pairs.ts'
import { redactSchemes } from './schemes.ts'
import { redactSentences } from './sentences.ts'
import { redactUrls } from './urls.ts'

const passes = [redactPrivateKeys, redactUrls, redactAssignments, redactPairs, redactForms, redactFlags, redactTags, redactSchemes, redactSentences, redactKnownKeys]

/**
 * Text with secrets blotted out, by rules: private keys; in URLs what signs them and who logs in; values of telling names, in the style
 * of the environment, JSON, YAML, headers, cookies, forms, connection strings, flags and tags; tokens after the word that says how they authorize; what a sentence tells of a key or password; keys and tokens of well-known shapes.
 * The time it takes grows with the length of the text, whatever is in it. What is no text becomes one.
 */
export function redact(text: unknown): string {
  if (typeof text !== 'string') return redact(textOf(text))
  if (text.length < 8) return text
  return passes.reduce((told, pass) => pass(told), text)
}

function textOf(value: unknown): string {
  try {
    return String(value)
  } catch {
    return '[unreadable]'
  }
}

