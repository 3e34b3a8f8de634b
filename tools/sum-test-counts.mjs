// Prints what the counts reporters of all vitest runs wrote, summed, as one line: `12 passed, 0 failed`, and `, 3 skipped` where any were.
// Plain JavaScript without packages: CI says how many tests ran also where installing failed.
import { readFileSync } from 'node:fs'

const counts = readFileSync(process.argv[2], 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line))
const sum = (key) => counts.reduce((total, count) => total + count[key], 0)
console.log(`${sum('passed')} passed, ${sum('failed')} failed${sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : ''}`)
