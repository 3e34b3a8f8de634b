// Names that every object has, that look like options, that mean something to a shell, to HTML, to Mermaid or to a path.
export const oddNames = ['constructor', 'hasOwnProperty', 'toString', '-rf', '--help', 'a b', '..', '音 声', '🎬', '<script>alert(1)<script>', '"quote"', "'; drop", '$(touch pwned)', 'a=b', '{{x}}', 'end', '0', 'toJSON', 'then', 'wait', 'x'.repeat(128)]
