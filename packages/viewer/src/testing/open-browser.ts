import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'

/** Where this machine has a Chromium. Nothing where it has none: then what needs one is skipped, and said to be. */
export const chromiumPath: string | undefined = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'].map(whereIs).find((path) => path !== undefined)
if (chromiumPath === undefined) console.warn('There is no Chromium here (apt-get install chromium): the page itself is not tried.')

function whereIs(command: string): string | undefined {
  try {
    return execFileSync('which', [command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return undefined
  }
}

/** Pictures of the page, to be looked at. */
export function pictureAt(name: string): string {
  const folder = fileURLToPath(new URL('../../../../out/viewer/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  return `${folder}${name}.png`
}

/** A browser, and what pages complained of. */
export async function openBrowser(): Promise<{ readonly browser: Browser; readonly newPage: (options?: NonNullable<Parameters<Browser['newPage']>[0]>) => Promise<Page>; readonly complaints: string[]; readonly requests: string[] }> {
  const browser = await chromium.launch({ executablePath: chromiumPath!, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  const complaints: string[] = []
  const requests: string[] = []
  const newPage = async (options: NonNullable<Parameters<Browser['newPage']>[0]> = {}) => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options })
    page.setDefaultTimeout(120_000) // on a busy machine
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(`${message.text()} ${message.location().url}`.trim()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => requests.push(request.url()))
    return page
  }
  return { browser, newPage, complaints, requests }
}
