// What the tests of operator actions share: a small diamond whose handlers are scripted, and the invariants after each.
import pg from 'pg'
import { expect } from 'vitest'
import type { RunStep } from '../../src/definitions/model.ts'
import { defineShape } from '../../src/testing/index.ts'
import { checkInvariants } from '../protocol/invariants.ts'
import { testSchema } from '../support/template.ts'
import { scripted } from './handlers.ts'

/** start → (left, right) → join → end; `side` stands alone. */
export const diamond = (
  name: string,
  script: Readonly<Record<string, RunStep>> = {},
): ReturnType<typeof defineShape> =>
  defineShape(
    {
      namespace: 'operated',
      version: '1.0.0',
      name,
      steps: [
        { name: 'start', dependsOn: [], retryLimit: 1 },
        { name: 'left', dependsOn: ['start'], retryLimit: 1 },
        { name: 'right', dependsOn: ['start'], retryLimit: 1 },
        { name: 'join', dependsOn: ['left', 'right'], retryLimit: 1 },
        { name: 'end', dependsOn: ['join'], retryLimit: 1 },
      ],
    },
    scripted(script),
  )

/** Every invariant of the tables holds, and every history replays to the present. */
export async function expectWellKept(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    expect(await checkInvariants(client, testSchema)).toEqual([])
  } finally {
    await client.end()
  }
}
