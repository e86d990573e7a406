// Two calls of the protocol on one task at once: each ordered pair of the calls that change something, in the situations in
// which both can be sent, one held at its commit or stopped in its middle. Duplicated and reordered claims and completions,
// and operators against finishes, are such pairs. The calls are a closed list, read from the engine's source.
import pg from 'pg'
import { operatorActions } from '../../../packages/engine/src/tasks/operator-order.ts'
import { databaseOn } from '../../../packages/engine/test/protocol/calls.ts'
import { checkInvariants } from '../../../packages/engine/test/protocol/invariants.ts'
import { callsInSource } from '../engine-calls.ts'
import { callsWithoutRaces, isSentTwice, moves, type Move } from '../race-moves.ts'
import { playOut } from '../race-end.ts'
import { defineRace, setScene, situations, type Situation } from '../race-scene.ts'
import { fates, nameOf, RaceTrack, type Effect, type Fate, type Race } from '../race.ts'
import { compareDags, randomPlans } from '../random-dags.ts'
import type { Random } from '../random.ts'
import type { Scenario } from '../scenario.ts'
import type { ChaosStage } from '../stage.ts'

/** In a short run: races drawn for each two calls, and for two of those that decide on results. */
const shortRaces = { ofTwoCalls: 1, ofResults: 20 }
/** So many share a rehearsal: its transaction stays short. */
const racesPerRehearsal = 50
const callsOfResults: readonly string[] = ['finish_steps', 'operate_tasks', 'rescue_steps']

export const scenario: Scenario = {
  name: 'races',
  endsWith: 'each race as one of its two orders; results recorded once, late ones refused and kept',
  async run(stage) {
    checkList(stage)
    const client = new pg.Client({ connectionString: stage.server.url })
    await client.connect()
    stage.atClose(() => client.end())
    const on = databaseOn(
      async (text, values = []) =>
        (await client.query<Record<string, unknown>>(text, [...values])).rows,
    )
    const definitionId = await defineRace(on)
    // The version is used from now on, so it never changes.
    stage.fault(...(await playOut(on, await setScene(on, definitionId, 'fresh'))))
    const track = await RaceTrack.open(stage.server.url, definitionId)
    stage.atClose(() => track.close())
    const figures = await runAll(stage, track)
    stage.fault(...(await checkInvariants(client, 'tasker')))
    await liveOn(stage)
    return figures
  },
}

/** Each call in the source has a move here, or is said to change nothing. */
function checkList(stage: ChaosStage): void {
  const named = callsInSource()
  const raced = new Set(moves.map(({ call }) => call))
  const missing = named.filter((call) => !raced.has(call) && !callsWithoutRaces.includes(call))
  const wrong = [...raced, ...callsWithoutRaces].filter((call) => !named.includes(call))
  const actions = operatorActions.filter((asked) => !moves.some(({ action }) => action === asked))
  stage.expect('calls in the source that have no race', missing, [])
  stage.expect('actions of operators that have no race', actions, [])
  stage.expect('calls said to race, or not to, that do not exist', wrong, [])
}

async function runAll(stage: ChaosStage, track: RaceTrack): ReturnType<Scenario['run']> {
  const effects = new Map<Situation, ReadonlyMap<Move, Effect>>()
  for (const situation of situations) effects.set(situation, await track.effects(situation))
  const races = drawRaces(effects, stage.random.fork(), stage.isShort)
  const faults: Record<string, number> = {}
  let met = 0
  let waited = 0
  for (const [situation, drawn] of Map.groupBy(races, ({ situation: at }) => at)) {
    for (let start = 0; start < drawn.length; start += racesPerRehearsal) {
      const some = drawn.slice(start, start + racesPerRehearsal)
      for await (const { race, wrong, hasMet, hasWaited } of track.runAll(situation, some)) {
        stage.fault(...wrong.map((what) => `${nameOf(race)}: ${what}`))
        faults[race.fate] = (faults[race.fate] ?? 0) + 1
        met += Number(hasMet)
        waited += Number(hasMet && hasWaited)
      }
    }
  }
  return {
    faults,
    tasks: races.length,
    figures: {
      'races in which both calls were under way at once': met,
      'of them such in which the second waited': waited,
    },
  }
}

type Effects = ReadonlyMap<Situation, ReadonlyMap<Move, Effect>>

function drawRaces(effects: Effects, random: Random, isShort: boolean): readonly Race[] {
  return (isShort ? somePairs(random) : allPairs()).flatMap(([first, second]) => {
    const [situation] = drawSituations(effects, random, [first, second])
    if (situation === undefined) return [] // nobody can send both
    return drawFates(random, isShort, [first, second]).map((fate) => ({
      situation,
      first,
      second,
      fate,
    }))
  })
}

type Pair = readonly [first: Move, second: Move]

const allPairs = (): readonly Pair[] =>
  moves
    .flatMap((first) => moves.map((second) => [first, second] as const))
    .filter(([first, second]) => first !== second || isSentTwice(first))

/** Some of each ordered pair of calls. */
function somePairs(random: Random): readonly Pair[] {
  const byCalls = Map.groupBy(allPairs(), ([first, second]) => `${first.call}/${second.call}`)
  return [...byCalls.values()].flatMap((pairs) => {
    const isOfResults = pairs[0]?.every(({ call }) => callsOfResults.includes(call)) === true
    const length = isOfResults ? shortRaces.ofResults : shortRaces.ofTwoCalls
    return Array.from({ length }, () => random.pick(pairs)).filter((pair) => pair !== undefined)
  })
}

/** Those in which both can be sent, in an order drawn; those in which both change something before the others. */
function drawSituations(effects: Effects, random: Random, pair: Pair): readonly Situation[] {
  const ranked = situations.flatMap((situation) => {
    const both = pair.map((move) => effects.get(situation)?.get(move))
    if (both.includes('impossible')) return []
    return { situation, rank: both.filter((one) => one === 'changes').length - random.next() }
  })
  return ranked.toSorted((a, b) => b.rank - a.rank).map(({ situation }) => situation)
}

/** A commit; beside it, another fate. In a short run one of both. */
function drawFates(random: Random, isShort: boolean, pair: Pair): readonly Fate[] {
  const [commits, rollsBack, ...middles] = fates
  const isSplit = pair.some(({ name }) => name === 'takeover')
  const places = middles.filter((fate) => !isSplit || !splitsTakeover.includes(fate))
  const another = random.next() < 0.4 ? rollsBack : (random.pick(places) ?? rollsBack)
  return isShort ? [random.pick([commits, another])] : [commits, another]
}

/** There a takeover passes by and leaves the rescue to the next scan: two calls, and a finish may come between them. */
const splitsTakeover: readonly Fate[] = ['waits for receipts', 'waits for task_progress']

/** After all that, real workers still do their work on this database. */
async function liveOn(stage: ChaosStage): Promise<void> {
  const plans = randomPlans(stage.random.fork(), { count: 20 })
  await stage.startWorkers(2)
  await stage.createDags(plans)
  await stage.untilAllEnded(60_000)
  stage.fault(...(await compareDags(stage.ask, plans)))
}
