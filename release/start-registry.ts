import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface LocalRegistry {
  /** What npm needs in its environment to publish to it, and to install from it. */
  readonly settings: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** An npm registry on this machine: our packages lie in it, all others come from the registry that npm is set to. */
export async function startRegistry(): Promise<LocalRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'track-orchestrator-registry-'))
  const upstream = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify({
    storage: join(folder, 'storage'),
    uplinks: { upstream: { url: upstream, maxage: '1h', timeout: '120s' } },
    packages: { '@track-orchestrator/*': { access: '$all', publish: '$all', unpublish: '$all' }, '**': { access: '$all', proxy: 'upstream' } },
    max_body_size: '200mb',
    log: { type: 'stdout', format: 'json', level: 'warn' },
  }))
  const userConfig = join(folder, 'npmrc')
  writeFileSync(userConfig, `registry=${url}\n//127.0.0.1:${port}/:_authToken=anybody\naudit=false\nfund=false\nupdate-notifier=false\n`)
  const child = spawn(process.execPath, [fileURLToPath(new URL('node_modules/verdaccio/bin/verdaccio', import.meta.url)), '--config', join(folder, 'config.yaml'), '--listen', `127.0.0.1:${port}`], { stdio: ['ignore', 'pipe', 'pipe'] })
  let told = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (told = (told + text.toString()).slice(-4_000)))
  const gone = once(child, 'exit')
  const isUp = async () => (await fetch(`${url}-/ping`).catch(() => undefined))?.ok === true
  while (!(await isUp())) {
    if (child.exitCode !== null) throw new Error(`The registry did not start: ${told}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return {
    // Both: a setting of the environment goes before the file.
    settings: { npm_config_userconfig: userConfig, npm_config_registry: url, npm_config_omit_lockfile_registry_resolved: 'false' },
    stop: async () => {
      child.kill()
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
