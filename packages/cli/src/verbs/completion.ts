import type { Command } from 'commander'
import { printable } from '@track-orchestrator/core/console'
import { candidatesFor } from '../complete/candidates.ts'
import { readTypedLine, typedOn } from '../complete/typed-line.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { CommandError } from '../exit.ts'

/** What a shell runs once to complete the command: it asks the command itself what may stand in a place. */
const scripts: Readonly<Record<string, string>> = {
  bash: String.raw`_tracks() {
  local one
  COMPREPLY=()
  while IFS= read -r one; do COMPREPLY+=("$one"); done < <("$1" completion bash -- "${'$'}{COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  # Behind the key of an input its value is typed.
  case ${'$'}{COMPREPLY[0]} in *=) compopt -o nospace 2>/dev/null ;; esac
}
complete -o default -F _tracks tracks
`,
  zsh: String.raw`#compdef tracks
_tracks() {
  local one
  local -a told values abouts keys
  told=("${'$'}{(@f)$("${'$'}{(Q)words[1]}" completion zsh -- "${'$'}{(@Q)words[2,CURRENT-1]}" "${'$'}words[CURRENT]" 2>/dev/null)}")
  for one in $told; do
    case "${'$'}{one%%$'\t'*}" in
      *=) keys+=("${'$'}{one%%$'\t'*}") ;;
      *) values+=("${'$'}{one%%$'\t'*}"); abouts+=("${'$'}{one/$'\t'/  -- }") ;;
    esac
  done
  (( ${'$'}#values + ${'$'}#keys )) || { _files; return }
  (( ${'$'}#values )) && compadd -l -d abouts -a values
  (( ${'$'}#keys )) && compadd -S '' -a keys
}
compdef _tracks tracks
`,
  fish: String.raw`function __tracks_complete
  set -l words (commandline -opc)
  set -l typed (commandline -ct)
  $words[1] completion fish -- $words[2..-1] "$typed" 2>/dev/null
end
complete -c tracks -f -a '(__tracks_complete)'
for option in config input out export
  complete -c tracks -l $option -rF
end
`,
}

/** The script for a shell; or, for that script, what may stand in the place of the last word: a candidate a line, with a few words about it behind a tab. */
export async function completion(program: Command, shell: string, typed: readonly string[], load: (config: string | undefined) => Promise<LoadedConfig>): Promise<string> {
  const script = Object.hasOwn(scripts, shell) ? scripts[shell]! : undefined
  if (script === undefined) throw new CommandError(`Completions are there for ${Object.keys(scripts).join(', ')} (got ${JSON.stringify(shell)}).`)
  if (typed.length === 0) return script
  const line = shell === 'bash' ? readTypedLine(typed[0]!) : undefined
  const words = line ? line.words.slice(1) : [...typed.slice(0, -1), readTypedLine(typed.at(-1)!).words.at(-1)!]
  // Whoever presses a key wants no message.
  const candidates = await candidatesFor(program, words, load).catch(() => [])
  return candidates.map(({ value, about }) => `${line ? typedOn(line, value) : about === undefined ? value : `${value}\t${printable(about)}`}\n`).join('')
}
