// A request whose answer is held to its documentation: the status is one that the operation names, and the body is of its
// schema; a refusal is a problem like all others.
import { operations } from '@tasker/server'
import { expect } from 'vitest'
import { z } from 'zod'
import type { Answered, CallOptions, Served } from './served.ts'

export type Checked = Answered & {
  /** Of JSON, for tests to look into. */
  readonly json: Readonly<Record<string, unknown>>
}

const problem = z.looseObject({
  type: z.string().regex(/^urn:tasker:error:/),
  title: z.string(),
  status: z.int(),
  detail: z.string().min(1),
  code: z.string(),
  remedy: z.string().min(1),
  instance: z.string().min(1),
})

export async function checked(
  served: Served,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Checked> {
  const answered = await served.call(method, path, options)
  const { status, body, headers } = answered
  const what = `${method} ${path}: ${status} ${JSON.stringify(body).slice(0, 600)}`
  expect(status, `of ${what}`).toBeLessThan(500)
  if (status >= 400) {
    expect(headers.get('content-type'), `of ${what}`).toBe('application/problem+json')
    expect(problem.safeParse(body).error, `of ${what}`).toBeUndefined()
  } else {
    const answer = operationAt(method, path)?.answers[status]
    expect(answer, `undocumented: ${what}`).toBeDefined()
    const isJson = headers.get('content-type') === 'application/json'
    if (isJson) expect(answer?.schema?.safeParse(body).error, `of ${what}`).toBeUndefined()
  }
  // Looked into by assertions only, which say what they expect.
  return { ...answered, json: body as Checked['json'] }
}

/** The first in the order of the table, as the router takes it. */
function operationAt(method: string, path: string) {
  const asked = (path.split('?')[0] ?? '').split('/')
  return operations.find((operation) => {
    const parts = operation.path.split('/')
    return (
      operation.method === method.toLowerCase() &&
      parts.length === asked.length &&
      parts.every((part, index) => part.startsWith('{') || part === asked[index])
    )
  })
}
