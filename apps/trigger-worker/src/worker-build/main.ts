import { buildWorker } from './build-worker.ts'
import { describeTasks } from './describe-tasks.ts'

const { build, tasks } = await buildWorker()
await build.remove()
const { text, lacking } = describeTasks(tasks)
console.log(`${text}\n${tasks.length} tasks, tracks and orchestrators would be deployed.`)
if (lacking.length > 0) {
  console.error(`No schema of the payload: ${lacking.join(', ')}`)
  process.exitCode = 1
}
