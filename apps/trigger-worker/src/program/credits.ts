/** Who heard and who spoke, by their names in the outputs, in a line each; nothing of whom nothing is known. */
export function creditLines(heard: string | undefined, spoken: string | undefined): string[] {
  return [
    ...(heard === undefined ? [] : [`Heard by   ${heard === 'recorded' ? 'nobody: the transcript was recorded beforehand' : heard}`]),
    ...(spoken === undefined ? [] : [`Spoken by  ${spoken}`]),
  ]
}
