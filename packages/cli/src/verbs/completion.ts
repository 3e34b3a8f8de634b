import type { Command } from 'commander'
import { CommandError } from '../exit.ts'

const shells = ['bash', 'zsh', 'fish'] as const

/** What a shell needs to complete the command: verbs, and the options of each. */
export function completion(program: Command, shell: string): string {
  const verbs = program.commands.map((command) => ({ name: command.name(), about: command.description(), options: command.options.map(({ long }) => long).filter((long) => long !== undefined && long !== null) }))
  const general = program.options.map(({ long }) => long).filter((long) => long !== undefined && long !== null)
  const names = verbs.map(({ name }) => name).join(' ')
  switch (shell as (typeof shells)[number]) {
    case 'bash':
      return `_tracks() {
  local word=\${COMP_WORDS[COMP_CWORD]}
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${names} ${general.join(' ')}" -- "$word")); return; fi
  case "\${COMP_WORDS[1]}" in
${verbs.map(({ name, options }) => `    ${name}) COMPREPLY=($(compgen -W "${[...options, ...general].join(' ')}" -- "$word")) ;;`).join('\n')}
  esac
}
complete -o default -F _tracks tracks
`
    case 'zsh':
      return `#compdef tracks
_tracks() {
  local -a verbs
  verbs=(
${verbs.map(({ name, about }) => `    '${name}:${about.replaceAll("'", '').replaceAll(':', ',')}'`).join('\n')}
  )
  if (( CURRENT == 2 )); then _describe verb verbs; return; fi
  case "$words[2]" in
${verbs.map(({ name, options }) => `    ${name}) compadd -- ${[...options, ...general].join(' ')} ;;`).join('\n')}
  esac
  _files
}
compdef _tracks tracks
`
    case 'fish':
      return `${verbs.map(({ name, about }) => `complete -c tracks -n __fish_use_subcommand -a ${name} -d '${about.replaceAll("'", '')}'`).join('\n')}
${verbs.flatMap(({ name, options }) => options.map((long) => `complete -c tracks -n '__fish_seen_subcommand_from ${name}' -l ${long.slice(2)}`)).join('\n')}
`
    default:
      throw new CommandError(`Completions are there for ${shells.join(', ')} (got ${JSON.stringify(shell)}).`)
  }
}
