// What long tracks cost the compiler, in type instantiations beyond the registry that they are written for.
// `node types-budget.mjs` measures with TypeScript 7 and fails over budget; `--all` also prints 5.9 and 6.0.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Instantiations that 100 steps, or an orchestrator of 100 tracks, may cost. */
const budgetOf100 = 300_000
/** How many times the cost of 100 steps 200 may cost: growth stays linear. */
const growthLimit = 2.3

const list = (count, line) => Array.from({ length: count }, (_, n) => line(n)).join('\n')

/** A registry of that many tasks, no two alike: each takes what the one before it hands on. */
const registryOf = (count) => `
import { z } from 'zod'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { forRegistry } from '../../../packages/core/src/typed/for-registry.ts'
const { defineTrack, defineOrchestrator } = forRegistry(defineRegistry({
${list(
  count,
  (n) => `  task_${n}: defineTask({ name: 'task_${n}', input: z.object({ value${n}: z.string(), note: z.string().optional() }),
    output: z.object({ value${n + 1}: z.string(), score: z.number(), ready: z.boolean(), kind: z.enum(['a${n}', 'b']), items: z.array(z.object({ value${n + 1}: z.string(), at: z.number() })) }) }),`,
)}
}))
`
const trackOf = (step) => (count) => `export const track = defineTrack({ name: 'Long', tasks: [\n${list(count, (n) => `  ${step(n)},`)}\n] })`

/** Every step with a mapper, an id, and a look at an earlier output. */
const mapped = (n) => {
  const earlier = n > 0 ? ` + outputs.step_${n - 1}.score` : ''
  return `{ taskName: 'task_${n}', id: 'step_${n}', inputMapper: (prev, original, { outputs }) => ({ value${n}: prev.value${n} + original.value0${earlier} }) }`
}

/** In every ten steps two loops, a condition and two policies; the others are mapped, or wire by themselves. */
const mixed = (n) => {
  const start = `taskName: 'task_${n}', id: 'step_${n}'`
  const value = (expression) => `({ value${n}: ${expression} })`
  switch (n % 10) {
    case 2:
      return `{ ${start}, forEach: 'items', concurrency: 4, inputMapper: (item, index, original) => ${value(`item.value${n} + index + original.value0`)} }`
    case 3: // follows the list that the loop hands on
      return `{ ${start}, forEach: (prev) => prev.map((output) => ${value(`output.value${n}`)}), retry: { maxAttempts: 2 } }`
    case 4:
      return `{ ${start}, inputMapper: (prev) => ${value(`prev[0]?.value${n} ?? ''`)}, timeoutMs: 1_000 }`
    case 6:
      return `{ ${start}, when: (prev) => prev.ready, inputMapper: (prev) => ${value(`prev.value${n}`)} }`
    case 7: // the step before may have been skipped
      return `{ ${start}, onError: 'continue', inputMapper: (prev, _original, { outputs }) => ${value(`prev.kind + (outputs.step_${n - 1}?.score ?? 0)`)} }`
    case 8:
      return `{ ${start}, onError: { fallback: { value${n + 1}: '', score: 0, ready: false, kind: 'b', items: [] } }, inputMapper: (prev) => ${value('prev.kind')} }`
    case 5:
    case 9:
      return `{ ${start} }`
    default:
      return mapped(n)
  }
}

/** A chain of one-step tracks, each with a mapping, and each but the first two waiting for two others. */
const orchestratorOf = (count) => `
${list(count, (n) => `const track_${n} = defineTrack({ name: 'T${n}', tasks: [{ taskName: 'task_${n}' }] })`)}
export const orchestrator = defineOrchestrator({
  name: 'Wide',
  tracks: [${list(count, (n) => `track_${n},`)}],
  trackDependencies: {${list(count, (n) => (n === 0 ? '' : `T${n}: ['T${n - 1}'${n > 1 ? `, 'T${n - 2}'` : ''}],`))}},
  trackInputMappings: {${list(count, (n) => (n === 0 ? '' : `T${n}: (outputs, original) => ({ value${n}: outputs.T${n - 1}.value${n} + original.value0 }),`))}},
  finalTask: { taskName: 'task_0', inputMapper: (outputs) => ({ value0: outputs.T${count - 1}.value${count} }) },
})`

const measured = [
  { what: 'mapped steps', count: 25, text: trackOf(mapped) },
  { what: 'mapped steps', count: 50, text: trackOf(mapped) },
  { what: 'mapped steps', count: 100, text: trackOf(mapped) },
  { what: 'mapped steps', count: 200, text: trackOf(mapped) },
  { what: 'mixed steps', count: 100, text: trackOf(mixed) },
  { what: 'tracks', count: 100, text: orchestratorOf },
]

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const cache = join(root, 'node_modules/.cache')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'types-budget-'))

/** Compiles the text, which must be free of errors, and tells what it cost. */
function measure(compiler, text) {
  writeFileSync(join(folder, 'measured.ts'), text)
  let report
  try {
    report = execFileSync(process.execPath, [join(root, 'node_modules', compiler, 'bin/tsc'), '-p', folder, '--extendedDiagnostics'], { encoding: 'utf8' })
  } catch (failure) {
    throw new Error(`${compiler} does not compile what was generated:\n${String(failure.stdout).slice(0, 3_000)}`, { cause: failure })
  }
  const read = (label) => {
    const found = new RegExp(`^${label}:\\s+([\\d.]+)`, 'm').exec(report)
    if (!found) throw new Error(`${compiler} --extendedDiagnostics tells no ${label}.`)
    return Number(found[1])
  }
  return { instantiations: read('Instantiations'), checkSeconds: read('Check time') }
}

/** Measures everything with one compiler, prints it, and returns the costs. */
function measureAll(version, compiler) {
  const costs = measured.map(({ what, count, text }) => {
    const registry = measure(compiler, registryOf(count)).instantiations
    const whole = measure(compiler, registryOf(count) + text(count))
    return { what, count, registry, cost: whole.instantiations - registry, checkSeconds: whole.checkSeconds }
  })
  console.log(`TypeScript ${version}`)
  console.table(costs.map(({ cost, ...row }) => ({ ...row, cost, each: Math.round(cost / row.count) })))
  return costs
}

function complain(complaint) {
  console.error(complaint)
  process.exitCode = 1
}

try {
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: { noEmit: true, typeRoots: [join(root, 'node_modules/@types')] },
      files: ['measured.ts'],
    }),
  )
  const costs = measureAll('7.0', 'typescript')
  for (const { what, count, cost } of costs) {
    if (count === 100 && cost > budgetOf100) complain(`100 ${what} cost ${cost} instantiations: more than ${budgetOf100}.`)
  }
  const costOf = (steps) => costs.find(({ what, count }) => what === 'mapped steps' && count === steps).cost
  const growth = costOf(200) / costOf(100)
  if (growth > growthLimit) complain(`200 steps cost ${growth.toFixed(2)} times as much as 100: more than ${growthLimit}, not linear.`)
  if (process.argv.includes('--all')) {
    measureAll('6.0', 'typescript-6.0')
    measureAll('5.9', 'typescript-5.9')
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
