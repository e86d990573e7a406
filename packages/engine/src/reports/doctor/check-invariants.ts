// Whether rows contradict one another: the invariants over a sample of tasks, in one snapshot, so that what runs meanwhile is
// no contradiction. What the invariants are is database/invariants.ts.
import { findViolations, invariants, type Invariant } from '../../database/invariants.ts'
import type { Inspection } from '../../database/inspection.ts'
import { sampleTasks } from '../../database/sample-tasks.ts'
import { asError } from '../../errors.ts'
import { count } from '../../wording.ts'
import { findingsOf, someOf, type Finding } from './finding.ts'

const { ok, problem, skipped } = findingsOf('invariants')

/** What is broken or could not be asked, or that nothing is. */
export async function checkInvariants(
  inspection: Inspection,
  sampleEach: number,
): Promise<readonly Finding[]> {
  const { findings, taskCount } = await recount(inspection, sampleEach)
  const bad = findings.filter(({ verdict }) => verdict !== 'ok')
  if (bad.length > 0) return bad
  return [ok(`The rows of ${count(taskCount, 'task')}, recounted, agree with one another.`)]
}

/** The same, invariant by invariant, and what was looked at. */
export async function checkEachInvariant(
  inspection: Inspection,
  sampleEach: number,
): Promise<readonly Finding[]> {
  const { findings, taskCount, definitionCount } = await recount(inspection, sampleEach)
  const looked = `Looked at ${count(taskCount, 'task')}, at what is in flight, and at the statistics of ${count(definitionCount, 'definition')}, at one moment.`
  return [ok(looked), ...findings]
}

const recount = (inspection: Inspection, sampleEach: number) =>
  inspection.snapshot(async (ask) => {
    const { schema } = inspection
    const sample = await sampleTasks({ ask, schema }, sampleEach)
    const findings: Finding[] = []
    for (const invariant of invariants) {
      const where = { schema, sample, limit: examplesMax + 1, of: [invariant] }
      const found = await findViolations(ask, where).catch(asError)
      findings.push(findingOf(invariant, found))
    }
    const { taskIds, definitionIds } = sample
    return { findings, taskCount: taskIds.length, definitionCount: definitionIds.length }
  })

const examplesMax = 3

function findingOf(
  { name, says }: Invariant,
  found: readonly { readonly subject: string }[] | Error,
): Finding {
  const about = { invariant: name, examples: [] }
  if (found instanceof Error) return { ...skipped(`${name}: ${found.message}`), ...about }
  if (found.length === 0) return { ...ok(`${name}: no ${says.replace(/^an? /, '')}.`), ...about }
  const examples = found.map(({ subject }) => subject)
  return {
    ...problem(
      `${name}: there is ${says}: ${someOf(examples, examplesMax)}.`,
      'This is a defect of Tasker, or somebody wrote into its tables; please report it. A live worker repairs missing due rows by itself.',
    ),
    ...about,
    examples,
  }
}
