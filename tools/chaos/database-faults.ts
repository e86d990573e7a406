// What a database does to its clients without dying: each fault is injected while tasks run, and healed. How long it lasts
// and what must come of it is scenarios/database-faults.ts.
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { SmallDisk } from './full-disk.ts'
import type { Proxy } from './proxy.ts'
import type { ChaosStage } from './stage.ts'

/** What the workers call themselves in pg_stat_activity. */
export const workerApplication = 'chaos worker'

export interface FaultyDatabase {
  readonly stage: ChaosStage
  /** The workers' way to the server; the harness has its own. */
  readonly proxy: Proxy
  /** A connection of the harness's own, open before any fault. */
  readonly admin: pg.Client
  /** Where the tables are. Null: nothing could be mounted here, so a full disk is only pretended. */
  readonly disk: SmallDisk | null
}

export interface DatabaseFault {
  readonly name: string
  /**
   * Which workers must notice and say so: each of them, those that it meets, or perhaps none, because what failed is
   * repeated at once.
   */
  readonly noticedBy: 'each' | 'some' | 'perhaps'
  /** Begins it. Returns the way to end it, which says how often it struck. */
  inject(database: FaultyDatabase): Promise<() => Promise<number>>
}

export const databaseFaults: readonly DatabaseFault[] = [
  {
    name: 'sessions terminated',
    noticedBy: 'perhaps',
    inject: ({ admin, stage }) =>
      repeatedly(async () => {
        await pause(stage.random.between(20, 120))
        const ended = await admin.query(`${terminate} order by random() limit 1`, [
          workerApplication,
        ])
        return ended.rowCount ?? 0
      }),
  },
  {
    name: 'connections exhausted',
    noticedBy: 'each',
    async inject(database) {
      const taken: pg.Client[] = []
      const endTaking = await repeatedly(() => takeConnections(database, taken))
      return async () => {
        await endTaking()
        await Promise.all(taken.map((client) => client.end()))
        return 1
      }
    },
  },
  { name: 'serialization failures', noticedBy: 'perhaps', inject: raising('40001', 0.3) },
  { name: 'deadlocks', noticedBy: 'perhaps', inject: raising('40P01', 0.3) },
  {
    name: 'read-only server',
    noticedBy: 'each',
    async inject({ admin }) {
      const set = async (value: 'on' | 'off'): Promise<void> => {
        await admin.query(`alter system set default_transaction_read_only = ${value}`)
        await admin.query('select pg_reload_conf()')
      }
      await set('on')
      return async () => {
        await set('off')
        return 1
      }
    },
  },
  {
    name: 'disk full',
    noticedBy: 'some',
    async inject(database) {
      const { disk } = database
      if (disk === null) return raising('53100', 1)(database)
      await disk.fill()
      return async () => {
        await disk.free()
        return 1
      }
    },
  },
  {
    name: 'half-open sockets',
    noticedBy: 'each',
    async inject({ proxy }) {
      const met = proxy.connectionCount
      proxy.inject({ isSilent: true })
      return async () => {
        proxy.inject({})
        return met
      }
    },
  },
]

const terminate = `
  select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1`

/** What some of the faults need, made before any worker is there. */
export const prepareFaults = async (stage: ChaosStage): Promise<void> => {
  await stage.ask(raisingTables)
}

/** Until it is told to end; what it returns is summed up. */
async function repeatedly(strike: () => Promise<number>): Promise<() => Promise<number>> {
  const over = new AbortController()
  let strikes = 0
  const run = async (): Promise<void> => {
    while (!over.signal.aborted) strikes += await strike()
  }
  const running = run()
  return async () => {
    over.abort()
    await running
    return strikes
  }
}

// Ends the workers' sessions and takes what that sets free, before they can.
async function takeConnections(
  { admin, stage }: FaultyDatabase,
  taken: pg.Client[],
): Promise<number> {
  await admin.query(terminate, [workerApplication])
  for (;;) {
    const client = new pg.Client({ connectionString: stage.server.url })
    client.on('error', () => undefined)
    try {
      await client.connect()
      taken.push(client)
    } catch {
      await client.end().catch(() => undefined)
      await pause(10)
      return 0 // none is left
    }
  }
}

/** Statements of the engine that change these tables fail with this SQLSTATE, at random. */
function raising(state: string, share: number): DatabaseFault['inject'] {
  return async ({ admin }) => {
    await admin.query('insert into chaos.raising values ($1, $2)', [state, share])
    const before = await raised(admin)
    return async () => {
      await admin.query('truncate chaos.raising')
      return (await raised(admin)) - before
    }
  }
}

async function raised(admin: pg.Client): Promise<number> {
  const { rows } = await admin.query<{ n: string }>(
    `select last_value - case when is_called then 0 else 1 end as n from chaos.raised`,
  )
  return Number(rows[0]?.n)
}

// A sequence counts what is rolled back too.
const raisingTables = `
  create table chaos.raising (state text, share float);
  create sequence chaos.raised;
  create function chaos.raise_by_chance() returns trigger language plpgsql as $$
  declare
    v record;
  begin
    select r.state, r.share into v from chaos.raising r;
    if found and random() < v.share then
      perform nextval('chaos.raised');
      raise exception 'injected' using errcode = v.state;
    end if;
    return null;
  end $$;
  create trigger raise_by_chance before update on tasker.task_progress
    for each statement execute function chaos.raise_by_chance();
  create trigger raise_by_chance before delete on tasker.due
    for each statement execute function chaos.raise_by_chance();
  create trigger raise_by_chance before insert on tasker.step_claims
    for each statement execute function chaos.raise_by_chance();`
