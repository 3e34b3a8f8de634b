import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { auth, envvars } from '@trigger.dev/sdk'
import { missingVariables } from '../environment.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** What is told before `trigger deploy` begins. */
export interface DeployCheck {
  /** Each would fail the deployment after it has been begun, and leave it standing as one that is being built. */
  readonly problems: readonly string[]
  /** What cannot be known from here. */
  readonly notices: readonly string[]
}

const run = promisify(execFile)
/** They tell something, or send the build elsewhere. */
const needNoDocker = ['--dry-run', '--help', '-h', '--native-build', '--native-build-server', '--depot-build']
const buildHere = ['--local-build', '--force-local-build', '--from-bundle']

/** Looks for what a deployment needs of this machine. `args`: those of `trigger deploy`. */
export async function checkDeploy(args: readonly string[], env: Variables = process.env): Promise<DeployCheck> {
  const has = (flags: readonly string[]) => args.some((arg) => flags.includes(arg.split('=', 1)[0]!))
  if (has(['--dry-run', '--help', '-h'])) return { problems: [], notices: [] }
  const variables = await lookAtVariables(args, env)
  const instance = instanceOf(args, env)
  const isBuiltHere = has(buildHere) || (instance !== undefined && !has(needNoDocker))
  if (!isBuiltHere) return variables
  const why = instance === undefined ? 'the image is built on this machine' : `${instance} is self-hosted, so the image is built on this machine`
  const problem = await dockerProblem(env)
  const isLoggedIn = await hasRegistryLogin(env)
  return {
    problems: [...variables.problems, ...(problem === undefined ? [] : [`${problem}: ${why}.`])],
    notices: [...variables.notices, ...(isLoggedIn || instance === undefined ? [] : ['Docker is logged in to no registry. Unless that of the instance is open to all, run docker login <its address> first, or the image cannot be pushed.'])],
  }
}

const page = "the instance's Environment Variables page, not those of this machine"
/** As the command calls them, and the server. */
const environments: Readonly<Record<string, string>> = { prod: 'prod', production: 'prod', staging: 'staging' }

/**
 * Whether the environment that is deployed to has the variables without which the worker does not start: asked of the instance where this
 * process has a token for it. Else it is only told where they have to be.
 */
async function lookAtVariables(args: readonly string[], env: Variables): Promise<DeployCheck> {
  const unknown = { problems: [], notices: [`The deployed worker reads the variables of ${page}: R2_… (or STORAGE_FOLDER, where all runs share one volume), and what else of .env.example it is to use.`] }
  const { TRIGGER_ACCESS_TOKEN: accessToken, TRIGGER_PROJECT_REF: project } = env
  const environment = environments[argument(args, '-e', '--env') ?? 'prod']
  if (!accessToken || !project || !environment) return unknown
  const baseURL = argument(args, '-a', '--api-url') ?? env['TRIGGER_API_URL']
  const known = await auth.withAuth({ accessToken, ...(baseURL && { baseURL }), requestOptions: { retry: { maxAttempts: 1 } } }, () => envvars.list(project, environment)).catch(() => undefined)
  if (!known) return unknown
  const missing = missingVariables(known.map(({ name }) => name))
  return { problems: missing.length === 0 ? [] : [`The environment ${environment} lacks ${missing.join(', ')}. The deployed worker reads the variables of ${page}: set R2_… there (or STORAGE_FOLDER, where all runs share one volume).`], notices: [] }
}

/** The value of an argument, in either of its forms. */
function argument(args: readonly string[], short: string, long: string): string | undefined {
  const at = args.findIndex((arg) => arg === short || arg === long)
  return at >= 0 ? args[at + 1] : args.find((arg) => arg.startsWith(`${long}=`))?.slice(long.length + 1)
}

/** The address of a self-hosted instance; nothing for Trigger.dev Cloud. */
function instanceOf(args: readonly string[], env: Variables): string | undefined {
  const given = argument(args, '-a', '--api-url') ?? env['TRIGGER_API_URL']
  if (!given || !URL.canParse(given)) return undefined
  const { host, hostname } = new URL(given)
  return hostname === 'trigger.dev' || hostname.endsWith('.trigger.dev') ? undefined : host
}

async function dockerProblem(env: Variables): Promise<string | undefined> {
  const docker = (...args: string[]) => run('docker', args, { env: { ...env }, timeout: 20_000 })
  try {
    await docker('buildx', 'version')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'Docker is not installed, or not on the PATH (https://docs.docker.com/engine/install)'
    return 'Docker has no buildx (https://github.com/docker/buildx#installing)'
  }
  return docker('version', '--format', '{{.Server.Version}}').then(() => undefined, () => 'Docker\'s daemon does not answer: start it, and see that "docker version" tells of a server')
}

/** Whether any login is kept; for which registry the instance asks is told only once the deployment has begun. */
async function hasRegistryLogin(env: Variables): Promise<boolean> {
  try {
    const config = JSON.parse(await readFile(join(env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker'), 'config.json'), 'utf8')) as Record<string, object | string | undefined>
    return ['auths', 'credHelpers'].some((key) => Object.keys(config[key] ?? {}).length > 0) || typeof config['credsStore'] === 'string'
  } catch {
    return false
  }
}
