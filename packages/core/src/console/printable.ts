/**
 * Everything that is not seen as it stands: control characters (C0, DEL, C1), line and paragraph separators, marks that turn the direction
 * of text, zero-width and other characters without a picture, lone surrogates. The variation selectors that emoji end in are let be.
 */
const unseen = /(?![\uFE0E\uFE0F])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu
const spacing = /[\t\n\v\f\r]+/g

/**
 * Text from strangers as one line for a terminal: characters that would move the cursor, start a line or hide what follows are shown by
 * their numbers (`\u001b`), not obeyed. Tabs and line breaks become one space.
 */
export function printable(text: string): string {
  return escapeUnseen(text.replaceAll(spacing, ' '))
}

/** As `printable`, for a text of several lines: it keeps its line breaks. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/).map((line) => escapeUnseen(line.replaceAll('\t', '  '))).join('\n')
}

/** Such characters by their numbers, and nothing else changed: JSON stands for the same value afterwards. */
export function escapeUnseen(text: string): string {
  return text.replaceAll(unseen, (character) => Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join(''))
}
