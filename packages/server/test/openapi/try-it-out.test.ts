// The documentation in a real browser: a request is tried with a token, and nothing outside the server is asked.
import { apiTokenAuthenticator, listen } from '@tasker/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { hasBrowser, openPage } from '../support/browser.ts'
import { servedForFile } from '../support/served.ts'

const served = servedForFile(() => ({
  auth: { authenticationEnabled: true, authenticator: apiTokenAuthenticator() },
}))

describe.runIf(hasBrowser)('the documentation page in a browser', () => {
  it('sends a request with the token it was given, and asks no other host', async () => {
    const { tasker, server } = served
    const listening = await listen(tasker, server, { port: 0 })
    onTestFinished(async () => listening.close())
    const { secret } = await tasker.apiTokens.create({
      name: 'docs',
      scopes: ['tasker.task:index'],
      actor: 'ann',
    })
    const { page, offences } = await openPage(new URL(listening.url).origin)
    await page.goto(`${listening.url}/api-docs`)

    await page.getByRole('button', { name: 'Authorize' }).click()
    await page
      .locator('.modal-ux input[type=text], .modal-ux input[type=password]')
      .first()
      .fill(secret)
    await page.locator('.modal-ux button.authorize').first().click()
    await page.locator('.modal-ux button.btn-done').first().click()
    await page.locator('#operations-tag-Tasks').click()
    await page.locator('#operations-Tasks-listTasks .opblock-summary-control').first().click()
    const answered = page.waitForResponse((answer) => answer.url().includes('/tasks'))
    await page.getByRole('button', { name: 'Execute' }).click()
    const answer = await answered
    expect([answer.status(), await answer.json()]).toMatchObject([200, { tasks: [] }])
    expect(offences).toEqual([])
  })
})
