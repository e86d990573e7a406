// The analysis of a task, engine specification §9.9, from a fresh task to a complete one.
import { describe, expect, test } from 'vitest'
import { analyseGraph } from '../../src/definitions/graph.ts'
import { defineTask } from '../../src/index.ts'
import { defineShape, shapes, type ShapeId } from '../../src/testing/index.ts'
import { shapeFacts } from '../definitions/shape-facts.ts'
import { databaseForFile } from '../support/database.ts'
import { gate } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()
const ids = Object.keys(shapes) as ShapeId[] // the keys of a record of ShapeId

describe('a fresh task', () => {
  test.each(ids)('of shape %s has the nodes, edges, ends and paths of the table', async (id) => {
    const definition = defineShape(shapes[id])
    const { tasker } = await stage(database.url, { definitions: [definition], isWorking: false })
    const { taskId } = await tasker.tasks.create(definition, { context: { id } })
    const { dependencyGraph, criticalPaths, parallelismOpportunities, taskExecutionSummary } =
      await tasker.reports.analysis(taskId)
    const facts = shapeFacts[id]
    expect({
      steps: dependencyGraph.nodes.length,
      edges: dependencyGraph.edges.length,
      roots: criticalPaths.rootNodes.length,
      leaves: criticalPaths.leafNodes.length,
      paths: criticalPaths.totalPaths,
      maxDepth: criticalPaths.longestPathLength - 1,
      parallelBranches: parallelismOpportunities.maxParallelSteps,
    }).toEqual(facts)
    expect(dependencyGraph.nodes.map(({ name }) => name)).toEqual(
      shapes[id].steps.map(({ name }) => name),
    )
    const edgesIn = (edges: readonly (readonly [from: string, to: string])[]) =>
      edges.map(([from, to]) => `${from} > ${to}`).toSorted()
    expect(
      edgesIn(dependencyGraph.edges.map(({ fromName, toName }) => [fromName, toName])),
    ).toEqual(edgesIn(analyseGraph(shapes[id].steps).edges.map(({ from, to }) => [from, to])))
    expect(taskExecutionSummary).toMatchObject({
      totalSteps: facts.steps,
      totalDependencies: facts.edges,
      dependencyLevels: facts.maxDepth + 1, // levels, not steps (W52)
      longestPathLength: facts.maxDepth + 1,
      errorChainsCount: 0,
      overallHealth: 'healthy',
      recommendations: [],
    })
  })

  test('A: one path of six steps over the levels 0 to 5, with every key that is promised', async () => {
    const definition = defineShape({ ...shapes.A, name: 'linear_keys' })
    const { tasker, clock } = await stage(database.url, {
      definitions: [definition],
      isWorking: false,
    })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    const analysis = await tasker.reports.analysis(taskId)
    expect(analysis).toMatchObject({ taskId, generatedAt: clock.now() })
    expect(analysis.dependencyGraph.dependencyLevels).toEqual({
      1: 0,
      2: 1,
      3: 2,
      4: 3,
      5: 4,
      6: 5,
    })
    expect(analysis.dependencyGraph.adjacencyList).toEqual({
      1: [2],
      2: [3],
      3: [4],
      4: [5],
      5: [6],
      6: [],
    })
    expect(analysis.dependencyGraph.reverseAdjacencyList).toMatchObject({ 1: [], 2: [1], 6: [5] })
    expect(analysis.criticalPaths).toEqual({
      totalPaths: 1,
      longestPathLength: 6,
      rootNodes: [1],
      leafNodes: [6],
      paths: [
        {
          path: [1, 2, 3, 4, 5, 6],
          length: 6,
          stepNames: shapes.A.steps.map(({ name }) => name),
          completedSteps: 0,
          blockedSteps: 5,
          errorSteps: 0,
          retrySteps: 0,
          readySteps: 1,
          estimatedDuration: 180,
          // 10 × 6 + 25 × 5 + 2 × 180 / 60
          criticalityScore: 191,
          completionPercentage: 0,
          bottlenecks: shapes.A.steps.slice(1).map(({ name }, index) => ({
            stepId: index + 2,
            stepName: name,
            reason: 'Dependencies not satisfied',
            severity: 5,
            impact: `Blocks ${4 - index} downstream ${index === 3 ? 'step' : 'steps'}`,
          })),
        },
      ],
    })
    // validate_input: (5 × 4 + 15 × 4) × 1.2
    expect(analysis.bottlenecks).toMatchObject({
      totalBottlenecks: 5,
      totalBlockedSteps: 5,
      taskHealth: 'healthy',
      taskCompletion: 0,
      failedStepsRatio: 0,
    })
    expect(analysis.bottlenecks.bottlenecks[0]).toEqual({
      stepId: 2,
      stepName: 'validate_input',
      currentState: 'pending',
      attempts: 0,
      retryLimit: 3,
      dependenciesSatisfied: false,
      downstreamStepsCount: 4,
      blockedDownstreamCount: 4,
      impactScore: 96,
      severity: 'High',
      bottleneckType: 'Dependency Block',
      resolutionStrategy: 'Check upstream dependencies',
      estimatedResolutionTime: 'Depends on upstream steps',
    })
  })

  test('G: two ready steps on one level of three are an opportunity', async () => {
    const definition = defineShape({ ...shapes.G, name: 'dummy_parallel' })
    const { tasker } = await stage(database.url, { definitions: [definition], isWorking: false })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    const { parallelismOpportunities } = await tasker.reports.analysis(taskId)
    expect(parallelismOpportunities).toMatchObject({
      totalSteps: 4,
      totalLevels: 3,
      maxParallelSteps: 2,
      currentParallelOpportunities: 2,
      blockedParallelOpportunities: 2,
      overallCompletion: 0,
      parallelismEfficiency: 33.3,
    })
    expect(parallelismOpportunities.levels[0]).toEqual({
      level: 0,
      totalSteps: 2,
      readySteps: 2,
      blockedSteps: 0,
      errorSteps: 0,
      completedSteps: 0,
      stepNames: ['step-one', 'step-two'],
      parallelismPotential: 'High',
      bottleneckRisk: 'Low',
    })
    expect(parallelismOpportunities.levels[1]).toMatchObject({
      parallelismPotential: 'Low',
      bottleneckRisk: 'High',
    })
  })
})

describe('a task on its way', () => {
  test('A: once initialize_data is complete its path says so; each answer is computed anew', async () => {
    const second = gate()
    const definition = defineShape(
      { ...shapes.A, name: 'linear_on_its_way' },
      (name) => async () => {
        if (name === 'validate_input') await second.opened
        return { ok: true }
      },
    )
    const { tasker, events, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    const fresh = await tasker.reports.analysis(taskId)
    tasker.worker.wake()
    await events.until('step.execution_requested', ({ stepName }) => stepName === 'validate_input')
    const onItsWay = await tasker.reports.analysis(taskId)
    expect(onItsWay.criticalPaths.paths[0]).toMatchObject({ completedSteps: 1, blockedSteps: 4 })
    expect(onItsWay.parallelismOpportunities.overallCompletion).toBe(16.7)
    expect(Object.keys(onItsWay)).toEqual(Object.keys(fresh))
    second.open()
    await run(taskId)
    const done = await tasker.reports.analysis(taskId)
    expect(done.criticalPaths.paths[0]).toMatchObject({
      completionPercentage: 100,
      criticalityScore: 0,
      bottlenecks: [],
    })
    expect(done.bottlenecks).toEqual({
      totalBottlenecks: 0,
      criticalBottlenecks: 0,
      totalBlockedSteps: 0,
      bottlenecks: [],
      taskHealth: 'healthy',
      taskCompletion: 100,
      failedStepsRatio: 0,
      overallImpact: 'None',
      countsAreExact: true,
    })
  })

  test('steps that were generated from the context stand in the graph of their task', async () => {
    const definition = defineTask({ name: 'analysed_fan' })
      .step('list', async () => null)
      .expand(
        'each',
        { dependsOn: ['list'] },
        () => ['a', 'b', 'c'].map((key) => ({ key, inputs: null })),
        async () => null,
      )
      .step('join', { dependsOn: ['each'] }, async () => null)
    const { tasker } = await stage(database.url, { definitions: [definition], isWorking: false })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    const { criticalPaths, dependencyGraph } = await tasker.reports.analysis(taskId)
    expect(dependencyGraph.nodes.map(({ name, level }) => `${name} ${level}`)).toEqual([
      'list 0',
      'each[a] 1',
      'each[b] 1',
      'each[c] 1',
      'join 2',
    ])
    expect(criticalPaths.totalPaths).toBe(3)
  })
})

test.each(['nonsense', '01890a5d-ac96-774b-bcce-b302099a8057'])(
  'a task that does not exist (%s) is refused',
  async (taskId) => {
    const { tasker } = await stage(database.url, { definitions: [], isWorking: false })
    await expect(tasker.reports.analysis(taskId)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
  },
)
