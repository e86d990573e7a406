// A real browser for tests: Chromium without a window. Where it is missing, tests that need it are not run; in CI they fail.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

const executable = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) =>
    ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)),
  )
  .find(isExecutable)

export const hasBrowser = process.env['CI'] === 'true' || executable !== undefined

if (!hasBrowser)
  console.warn('\n*** server: not tested in a browser here, as none is on PATH ***\n')

export interface OpenPage {
  readonly page: Page
  /** Requests for addresses outside the origin that was opened, and what the page's own rules refused. */
  readonly offences: readonly string[]
}

/** A page of a browser that reaches `origin` and nothing else. Closed when the test ends. */
export async function openPage(origin: string): Promise<OpenPage> {
  if (executable === undefined)
    throw new Error('No Chromium is on PATH, and CI must not do without.')
  const browser = await chromium.launch({ executablePath: executable, args: ['--no-sandbox'] })
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  const offences: string[] = []
  await page.route(
    (url) => url.origin !== origin && url.protocol.startsWith('http'),
    async (route) => {
      offences.push(route.request().url())
      await route.abort()
    },
  )
  page.on('pageerror', (error) => offences.push(error.message))
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) offences.push(message.text())
  })
  return { page, offences }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
