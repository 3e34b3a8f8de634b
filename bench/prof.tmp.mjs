import { createRunner } from '@track-orchestrator/core/in-process'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { z } from 'zod'
const schema = z.object({ n: z.number(), text: z.string() })
const payload = { tenantId: 't', projectId: 'p', n: 1, text: 'x' }
const length=100
const track = (taskName) => ({ name: 'Chain', tasks: Array.from({ length }, (_, index) => ({ taskName, id: `${index}` })) })
const tasks = defineRegistry({
    raw: defineTask({ name: 'raw', input: z.any(), output: z.any() }),
    checked: defineTask({ name: 'checked', input: schema, output: schema }),
    half: defineTask({ name: 'half', input: schema, output: z.any() }),
  })
const noop = async (input) => input
const runner = createRunner({ registry: tasks, handlers: { raw: noop, checked: noop, half: noop } })
async function time(name, f){ for(let i=0;i<500;i++) await f(); let best=1e9; for(let r=0;r<40;r++){const c=process.cpuUsage(); for(let i=0;i<300;i++) await f(); const {user,system}=process.cpuUsage(c); best=Math.min(best,(user+system)*1000/300/length)}; console.log(name,best.toFixed(0)) }
const T=Object.fromEntries(['raw','checked','half'].map(n=>[n,track(n)]))
const which=process.argv[2]
if(which){ for(let i=0;i<20000;i++) await runner.runTrack(T[which],payload); process.exit() }
await time('bare raw', async()=>{let v={n:1,text:'x'}; for(let i=0;i<length;i++) v=await noop(v); return v})
await time('raw',()=>runner.runTrack(T.raw,payload))
await time('bare zod', async()=>{let v={n:1,text:'x'}; for(let i=0;i<length;i++) v=schema.parse(await noop(schema.parse(v))); return v})
await time('half',()=>runner.runTrack(T.half,payload))
await time('checked',()=>runner.runTrack(T.checked,payload))
