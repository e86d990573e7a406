// What each reading of a server or of its workers means, case by case, without a server.
import { describe, expect, test } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import type { ServerReading, TableReading } from '../../src/database/inspect-server.ts'
import type { StuckWork, WorkersReading } from '../../src/database/inspect-work.ts'
import {
  checkClock,
  checkConnections,
  checkDatabase,
  checkSettings,
  checkTables,
  checkTransactions,
} from '../../src/reports/doctor/check-server.ts'
import { checkStuckWork, checkWorkers } from '../../src/reports/doctor/check-work.ts'
import type { Finding } from '../../src/reports/doctor/finding.ts'

const server = (parts: Partial<ServerReading> = {}): ServerReading => ({
  version: '18.1',
  versionNumber: 180_001,
  isReadOnly: false,
  settings: {
    autovacuum: 'on',
    default_transaction_isolation: 'read committed',
    fsync: 'on',
    full_page_writes: 'on',
    idle_in_transaction_session_timeout: '0',
    idle_session_timeout: '0',
    synchronous_commit: 'on',
    track_counts: 'on',
  },
  connectionCount: 5,
  connectionsMax: 97,
  clockAheadMs: 0,
  roundTripMs: 1,
  ...parts,
})
const withSetting = (name: string, value: string): readonly Finding[] =>
  checkSettings(server({ settings: { ...server().settings, [name]: value } }))
const verdicts = (findings: readonly Finding[]) => findings.map(({ verdict }) => verdict)

describe('the server', () => {
  test('is well as it comes', () => {
    expect(checkDatabase(server(), 'here').verdict).toBe('ok')
    expect(verdicts(checkSettings(server()))).toEqual(['ok'])
  })

  test('that is too old, or takes no writes, is a problem', () => {
    expect(checkDatabase(server({ versionNumber: 140_012 }), 'here').verdict).toBe('problem')
    expect(checkDatabase(server({ isReadOnly: true }), 'here').seen).toContain('no writes')
  })

  test.for([
    ['fsync', 'off', 'problem'],
    ['full_page_writes', 'off', 'problem'],
    ['autovacuum', 'off', 'problem'],
    ['track_counts', 'off', 'problem'],
    ['synchronous_commit', 'off', 'warning'],
    ['synchronous_commit', 'local', 'ok'],
    ['default_transaction_isolation', 'serializable', 'warning'],
    ['idle_session_timeout', '60000', 'warning'],
    ['idle_in_transaction_session_timeout', '60000', 'warning'],
  ] as const)('%s = %s is %s', ([name, value, verdict]) => {
    expect(verdicts(withSetting(name, value))).toEqual([verdict])
  })

  test('must have room for one more process', () => {
    const { config } = resolveConfig({ env: {} }) // 10 + 5 + 2 + 2 connections
    expect(checkConnections(server({ connectionCount: 78 }), config).verdict).toBe('ok')
    expect(checkConnections(server({ connectionCount: 79 }), config).verdict).toBe('warning')
  })

  test('may have a clock that differs by 2 s, beyond what the answer took', () => {
    expect(checkClock(server({ clockAheadMs: 2_400, roundTripMs: 1_000 })).verdict).toBe('ok')
    expect(checkClock(server({ clockAheadMs: -9_000 })).seen).toContain('9.0 s ahead of')
    expect(checkClock(server({ clockAheadMs: 9_000 })).seen).toContain('9.0 s behind')
  })

  test('has transactions open for 5 min: a warning; for an hour: a problem', () => {
    const open = (ageSeconds: number) => [{ holder: 'session 7 (app), active', ageSeconds }]
    expect(checkTransactions(open(299)).verdict).toBe('ok')
    expect(checkTransactions(open(301)).verdict).toBe('warning')
    expect(checkTransactions(open(3_601))).toMatchObject({
      verdict: 'problem',
      seen: expect.stringContaining('session 7 (app), active, for 1 h 00 min') as string,
    })
  })

  test('has tables that bloat, are not vacuumed, or are not updated in place', () => {
    const table = (parts: Partial<TableReading>): TableReading => ({
      table: 'workflow_steps',
      liveRows: 1_000,
      deadRows: 0,
      updates: 20_000,
      hotUpdates: 19_000,
      isAutovacuumed: true,
      ...parts,
    })
    expect(verdicts(checkTables([table({})]))).toEqual(['ok'])
    expect(verdicts(checkTables([table({ deadRows: 20_000 })]))).toEqual(['warning'])
    expect(verdicts(checkTables([table({ hotUpdates: 10_000 })]))).toEqual(['warning'])
    expect(verdicts(checkTables([table({ table: 'due', hotUpdates: 0 })]))).toEqual(['ok'])
    expect(verdicts(checkTables([table({ isAutovacuumed: false })]))).toEqual(['problem'])
  })
})

describe('workers', () => {
  const workers = (parts: Partial<WorkersReading>): WorkersReading => ({
    live: 2,
    overdue: 0,
    lost: 0,
    versions: ['1.0.0'],
    slotsInUse: 7,
    slots: 200,
    heldBack: [],
    ...parts,
  })
  const work = (parts: Partial<StuckWork>): StuckWork => ({
    openTaskCount: 3,
    late: [],
    heldTaskCount: 0,
    heldNamespaces: [],
    errorTaskCount: 0,
    failingTaskCount: 0,
    pastDeadlineTaskCount: 0,
    ...parts,
  })
  const lane = {
    definition: 'shop/order@1.0.0',
    stepCount: 4,
    lateSeconds: 90,
    isServed: true,
    isOfSuspects: false,
  }

  test('that are overdue, lost or of another version are warnings', () => {
    expect(verdicts(checkWorkers(workers({}), '1.0.0'))).toEqual(['ok'])
    expect(verdicts(checkWorkers(workers({ live: 0, versions: [] }), '1.0.0'))).toEqual(['ok'])
    const all = workers({ overdue: 1, lost: 2, versions: ['1.0.0', '1.1.0'] })
    expect(verdicts(checkWorkers(all, '1.0.0'))).toEqual(['warning', 'warning', 'warning'])
  })

  test('that are held back say by what, and what would help', () => {
    const [fine] = checkWorkers(workers({}), '1.0.0')
    expect(fine?.seen).toBe('2 workers live; 7 of 200 slots in use.')
    const heldBack = [
      { workerId: 3, slots: 8, slotsMax: 100, reason: 'connections' as const },
      { workerId: 4, slots: 3, slotsMax: 100, reason: 'event_loop' as const },
      { workerId: 5, slots: 9, slotsMax: 100, reason: 'connections' as const },
    ]
    const findings = checkWorkers(workers({ heldBack }), '1.0.0')
    expect(findings).toMatchObject([
      {
        verdict: 'warning',
        seen: 'Held back, because too many of its connections are in use: worker 3 (8 of 100 slots), worker 5 (9 of 100 slots).',
        remedy: expect.stringContaining('database.transactionPoolSize') as string,
      },
      { verdict: 'warning', seen: expect.stringContaining('its event loop comes late') as string },
    ])
  })

  test('none at all are a problem only when there is something to do', () => {
    const none = workers({ live: 0 })
    expect(verdicts(checkStuckWork(work({}), none))).toEqual(['problem'])
    expect(verdicts(checkStuckWork(work({ openTaskCount: 0 }), none))).toEqual(['ok'])
  })

  test.for([
    [
      { late: [lane] },
      'warning',
      'Due and not claimed: shop/order@1.0.0 (4 steps, the oldest since 1 min 30 s).',
    ],
    [{ late: [{ ...lane, isServed: false }] }, 'problem', 'No live worker serves'],
    [{ late: [{ ...lane, isOfSuspects: true }] }, 'warning', 'Steps that were lost twice'],
    [{ pastDeadlineTaskCount: 1 }, 'problem', '1 task past the deadline'],
    [{ failingTaskCount: 2 }, 'warning', '2 tasks under way with a step that failed for good'],
    [{ errorTaskCount: 10_000 }, 'warning', '10,000 tasks or more in error'],
    [{ heldTaskCount: 1 }, 'warning', '1 task held'],
    [{ heldNamespaces: [{ name: 'shop', by: 'ada' }] }, 'warning', 'Namespace shop is held by ada'],
  ] as const)('and work that does not progress: %o is a %s', ([parts, verdict, start]) => {
    const findings = checkStuckWork(work(parts), workers({}))
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ verdict })
    expect(findings[0]?.seen.startsWith(start)).toBe(true)
  })

  test('a namespace that is held is resumed by its name, whatever is in it', () => {
    const [finding] = checkStuckWork(
      work({ heldNamespaces: [{ name: 'the shop; rm', by: 'ada' }] }),
      workers({}),
    )
    expect(finding?.remedy).toBe("Resume with `tasker namespace resume 'the shop; rm'`.")
  })
})
