// The trace that a run of a validation's workflow should leave, made by hand: what the checks are tried on, spoiled in one
// place at a time.
import type { Run } from '../src/validation/run-workflows.ts'
import type { SpanRecord } from '../src/validation/span-record.ts'
import type { TaskTrace } from '../src/validation/trace-checks.ts'

const startUs = 1_795_284_000_000_000
const stepUs = 25_000

export const diamondRun: Run = {
  name: 'diamond',
  version: '1.0.0',
  correlationId: 'tsk_validation_abc_diamond',
  taskId: '01990000-0000-7000-8000-000000000001',
  state: 'complete',
  attempts: 4,
  open: [],
  workers: ['worker:1'],
  steps: [
    { name: 'validate_input', dependsOn: [] },
    { name: 'process_branch_a', dependsOn: ['validate_input'] },
    { name: 'process_branch_b', dependsOn: ['validate_input'] },
    { name: 'merge_results', dependsOn: ['process_branch_a', 'process_branch_b'] },
  ],
}

export function traceOf(run: Run, trace = 1): TaskTrace {
  const traceId = String(trace).padStart(32, '0')
  let spanNo = 0
  const span = (part: Partial<SpanRecord> & Pick<SpanRecord, 'name'>): SpanRecord => ({
    traceId,
    spanId: `${trace}${String((spanNo += 1)).padStart(15, '0')}`,
    parentId: null,
    kind: 'internal',
    service: 'tasker',
    startUs,
    durationUs: 1_000,
    attributes: {},
    events: [],
    links: [],
    ...part,
  })
  const ofTask = {
    'tasker.task.id': run.taskId,
    'tasker.task.name': run.name,
    'tasker.namespace': 'tasker_validation',
    'tasker.version': run.version,
    'tasker.correlation_id': run.correlationId,
  }
  const created = span({ name: 'tasker.task.initialize', kind: 'producer', attributes: ofTask })
  const levelOf = (name: string): number => {
    const parents = run.steps.find((step) => step.name === name)?.dependsOn ?? []
    return parents.length === 0 ? 0 : 1 + Math.max(...parents.map(levelOf))
  }
  const steps = run.steps.flatMap(({ name, dependsOn }) => {
    const attributes = { ...ofTask, 'tasker.step.name': name, 'tasker.step.attempt': 1 }
    const from = startUs + 2_000 + levelOf(name) * 2 * stepUs
    const attempt = span({
      name: 'tasker.step.execution',
      kind: 'consumer',
      parentId: created.spanId,
      startUs: from,
      durationUs: stepUs + 2_000,
      attributes: { ...attributes, 'tasker.step.depends_on': dependsOn },
      links: [{ traceId: 'f'.repeat(32), spanId: 'f'.repeat(16) }],
    })
    const handler = span({
      name: 'tasker.step.handle',
      parentId: attempt.spanId,
      startUs: from + 500,
      durationUs: stepUs,
      attributes,
    })
    return [attempt, handler]
  })
  const ended = span({
    name: 'tasker.task.execution',
    parentId: created.spanId,
    durationUs: 200_000,
    attributes: ofTask,
  })
  return { run, spans: [created, ...steps, ended] }
}
