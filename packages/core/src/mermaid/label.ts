/**
 * Text as it may stand in a quoted Mermaid label: letters, digits and a few marks as they are, all else as `#35;` codes
 * (https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters). Control characters become spaces.
 * A colon is written as a code, too: after one, Mermaid takes the semicolon of a code for a style's. So is what would begin a list.
 */
export function labelText(text: string): string {
  return (text || ' ') // an empty label is an error to Mermaid
    .replace(/[\p{C}\p{Z}]/gu, ' ')
    .replace(/[^\p{L}\p{M}\p{N} _.,()'+/-]|[.)+-](?= )/gu, (character) => `#${character.codePointAt(0)};`)
}
