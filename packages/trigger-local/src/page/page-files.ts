/** The page: a list of runs, and one of them. All text of runs is put in as text, never as HTML. */
export const pageDocument = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>trigger-local</title>
<link rel="stylesheet" href="/page.css">
</head>
<body>
<header><h1>trigger-local</h1><p id="state" role="status"></p></header>
<main><nav aria-label="Runs"><ul id="runs"></ul></nav><article id="run" aria-live="polite">Choose a run.</article></main>
<script src="/page.js" type="module"></script>
</body>
</html>
`

export const pageStyle = `
:root { color-scheme: light dark; font: 14px/1.45 system-ui, sans-serif }
body { margin: 0 } header { display: flex; gap: 1em; align-items: baseline; padding: .5em 1em; border-bottom: 1px solid #8885 }
h1 { font-size: 1.1em; margin: 0 } header p { margin: 0; opacity: .7 }
main { display: grid; grid-template-columns: minmax(16em, 1fr) 3fr; height: calc(100vh - 3em) } nav, article { overflow: auto; padding: .5em 1em }
ul { list-style: none; margin: 0; padding: 0 } article ul { padding-left: 1em }
button { all: unset; cursor: pointer; display: block; width: 100%; padding: .2em .3em; border-radius: .3em } button:hover, button:focus-visible, button[aria-current] { background: #8883 }
small { opacity: .7; margin-left: .5em } pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #8881; padding: .5em; border-radius: .3em }
.COMPLETED { color: #2a8a3e } .FAILED, .CRASHED, .SYSTEM_FAILURE, .TIMED_OUT { color: #c33 } .CANCELED, .EXPIRED { color: #a70 }
`

/** Asks twice a second, with the key that stands behind the # of the page's address, and before the id of a run, if one is named: that part is never sent. */
export const pageScript = `
const [key, named] = location.hash.slice(1).split('/')
const runs = document.getElementById('runs'), article = document.getElementById('run'), state = document.getElementById('state')
let chosen = named, drawnList, drawnRun
const ask = async (path) => {
  const response = await fetch('/local/v1/' + path, { headers: { authorization: 'Bearer ' + key } })
  const body = await response.json()
  if (!response.ok) throw new Error(response.status === 401 ? 'Open the page by the whole address that trigger-local printed: its key is missing.' : body.error)
  return body
}
const element = (name, text, ...children) => {
  const made = document.createElement(name)
  if (text !== undefined) made.textContent = text
  made.append(...children)
  return made
}
const line = (run) => {
  const status = element('b', run.isWaiting ? 'WAITING' : run.status)
  status.className = run.status
  const button = element('button', undefined, status, ' ' + run.task, element('small', new Date(run.createdAt).toLocaleTimeString() + ' ' + run.id))
  if (run.id === chosen) button.setAttribute('aria-current', 'true')
  button.onclick = () => { chosen = run.id; drawnList = drawnRun = undefined; look() }
  return button
}
const tree = (run) => element('li', undefined, line(run), element('ul', undefined, ...run.children.map(tree)))
const json = (value) => typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)
const part = (title, text) => text === undefined || text === '' ? [] : [element('h3', title), element('pre', text)]
const draw = (run) => article.replaceChildren(
  element('h2', run.task + ' '), element('p', run.status + (run.isWaiting ? ', waiting' : '') + ', attempt ' + run.attemptCount + ', ' + run.id),
  ...part('Error', run.error && [run.error.stackTrace || run.error.message].join('')),
  ...part('Payload', json(run.payload)), ...part('Output', json(run.output)),
  ...part('Metadata', Object.keys(run.metadata).length > 0 ? json(run.metadata) : undefined),
  ...part('Logs', run.logs.map((log) => log.at + ' ' + log.severity + ' ' + log.message).join('\\n')),
  ...part('States', run.states.map((at) => at.at + ' ' + at.state + ' (attempt ' + at.attempt + ') ' + at.description).join('\\n')),
  element('h3', 'What it made'), element('ul', undefined, tree(run)),
)
const look = async () => {
  try {
    const [now, list, one] = await Promise.all([ask('state'), ask('runs'), chosen && ask('runs/' + chosen)])
    state.textContent = now.version ? 'version ' + now.version + ', ' + now.tasks.length + ' tasks, ' + now.runCount + ' runs' : 'waiting for trigger dev'
    const seenList = JSON.stringify(list), seenRun = JSON.stringify(one)
    if (seenList !== drawnList) runs.replaceChildren(...list.runs.map((run) => element('li', undefined, line(run))))
    if (one && seenRun !== drawnRun) draw(one.run)
    drawnList = seenList
    drawnRun = seenRun
  } catch (error) {
    state.textContent = error.message
  }
}
await look()
setInterval(look, 500)
`
