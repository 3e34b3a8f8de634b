import { DefinitionError } from '@track-orchestrator/registry'

/**
 * Throws `DefinitionError` where following `next` leads from a node back to itself; `complaint` makes the message of the
 * cycle, as in `a -> b -> a`. Cost grows with nodes and edges; long chains do not fill the stack.
 */
export function checkAcyclic<Node>(
  nodes: Iterable<Node>,
  next: (node: Node) => Iterable<Node>,
  nameOf: (node: Node) => string,
  complaint: (cycle: string) => string,
): void {
  const cycle = findCycle(nodes, next)
  if (cycle) throw new DefinitionError(complaint(spell(cycle.map(nameOf))))
}

/** Walks in depth, keeping the way it came. A node that is met while still on the way closes a cycle. */
function findCycle<Node>(nodes: Iterable<Node>, next: (node: Node) => Iterable<Node>): Node[] | undefined {
  const finished = new Set<Node>()
  for (const start of nodes) {
    const way: { node: Node; ahead: Iterator<Node> }[] = []
    const onTheWay = new Set<Node>()
    const enter = (node: Node) => {
      way.push({ node, ahead: next(node)[Symbol.iterator]() })
      onTheWay.add(node)
    }
    if (!finished.has(start)) enter(start)
    for (let here = way.at(-1); here; here = way.at(-1)) {
      const step = here.ahead.next()
      if (step.done) {
        finished.add(here.node)
        onTheWay.delete(here.node)
        way.pop()
      } else if (onTheWay.has(step.value)) {
        const nodesOnTheWay = way.map(({ node }) => node)
        return [...nodesOnTheWay.slice(nodesOnTheWay.indexOf(step.value)), step.value]
      } else if (!finished.has(step.value)) {
        enter(step.value)
      }
    }
  }
  return undefined
}

const shown = 20

function spell(names: readonly string[]): string {
  if (names.length <= shown) return names.join(' -> ')
  const left = names.slice(0, shown - 2)
  return [...left, `(${names.length - shown + 1} more)`, names.at(-1)].join(' -> ')
}
