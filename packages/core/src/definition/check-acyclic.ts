import { DefinitionError } from '@track-orchestrator/registry'

/**
 * Throws `DefinitionError` where following `next` leads from a node back to itself, or over more than `deepest` nodes; `complaint` makes
 * the message of the cycle, as in `a -> b -> a`. Cost grows with nodes and edges; long chains do not fill the stack.
 */
export function checkAcyclic<Node>(
  nodes: Iterable<Node>,
  next: (node: Node) => Iterable<Node>,
  nameOf: (node: Node) => string,
  complaint: (cycle: string) => string,
  deepest = Number.POSITIVE_INFINITY,
): void {
  const tooDeep = (way: readonly Node[]) => new DefinitionError(`Nested more than ${deepest} deep: ${spell(way.map(nameOf))}. Put some of it side by side.`)
  const cycle = findCycle(nodes, next, deepest, tooDeep)
  if (cycle) throw new DefinitionError(complaint(spell(cycle.map(nameOf))))
}

/** Walks in depth, keeping the way it came. A node that is met while still on the way closes a cycle. */
function findCycle<Node>(nodes: Iterable<Node>, next: (node: Node) => Iterable<Node>, deepest: number, tooDeep: (way: readonly Node[]) => DefinitionError): Node[] | undefined {
  const finished = new Set<Node>()
  for (const start of nodes) {
    const way: { node: Node; ahead: Iterator<Node> }[] = []
    const onTheWay = new Set<Node>()
    const enter = (node: Node) => {
      way.push({ node, ahead: next(node)[Symbol.iterator]() })
      onTheWay.add(node)
      if (way.length > deepest) throw tooDeep(way.map((place) => place.node))
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
