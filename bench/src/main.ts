import { measureChain } from './chain.ts'
import { measureGraph } from './graph.ts'

for (const comparison of [...(await measureChain()), ...(await measureGraph())]) console.log(comparison)
