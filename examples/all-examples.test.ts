// What holds for every example.
import { expect, test } from 'vitest'
import { allExamples } from './all-examples.ts'
import { variableFor } from './example.ts'
import { openExample } from './open-example.ts'

test.for(allExamples.map((example) => [example.name, example] as const))(
  '%s runs to its end with its sample',
  async ([, example]) => {
    const { kit } = await openExample(example)
    const task = await kit.run(example.task, { context: example.context })
    expect(task.state).toBe('complete')
  },
)

test('no two systems have the same address variable, and all names make variables', () => {
  const makers = new Set(allExamples.map(({ systems }) => systems)) // two examples may share theirs
  const names = [...makers].flatMap((make) => Object.keys(make())).map(variableFor)
  expect(new Set(names).size).toBe(names.length)
  expect(names.filter((name) => !/^[A-Z][A-Z0-9_]*_URL$/.test(name))).toEqual([])
})

test('each usual fault is one of the faults', () => {
  const usual = allExamples.flatMap(({ usualFault, faults }) =>
    usualFault === undefined || Object.hasOwn(faults, usualFault) ? [] : [usualFault],
  )
  expect(usual).toEqual([])
})
