// Vitest's reporter for tools/check.ts: how many tests passed, and of each failure its place and its message, as one JSON
// file (`--outputFile.failures=<file>`). What is shown of it is failure-brief.ts.
import { writeFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import type { Reporter, SerializedError, TestModule, TestSuite, Vitest } from 'vitest/node'

export interface TestReport {
  readonly passed: number
  readonly failures: readonly Failure[]
}

export interface Failure {
  /** Project, file and sentence of a test; a file that did not load has no sentence. */
  readonly where: string
  /** What was thrown, the difference between what was expected and what came, and the line that said so. */
  readonly message: string
}

export default class TestReporter implements Reporter {
  #file: string | undefined

  onInit(vitest: Vitest): void {
    const { outputFile } = vitest.config
    this.#file = typeof outputFile === 'object' ? outputFile['failures'] : outputFile
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    if (this.#file === undefined) throw new Error('--outputFile.failures=<file> is not given')
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const failures: readonly Failure[] = [
      ...modules.flatMap(failuresOf),
      ...unhandled.map((error) => ({ where: 'outside any test', message: textOf(error) })),
    ]
    const passed = tests.filter((test) => test.result().state === 'passed').length
    writeFileSync(this.#file, JSON.stringify({ passed, failures } satisfies TestReport))
  }
}

function failuresOf(module: TestModule): readonly Failure[] {
  const file = `${module.project.name} ${module.relativeModuleId}`
  const failures = [...ofSuite(file, module)]
  for (const suite of module.children.allSuites())
    failures.push(...ofSuite(`${file} > ${suite.fullName}`, suite))
  for (const test of module.children.allTests('failed')) {
    const { errors } = test.result()
    failures.push({
      where: `${file} > ${test.fullName}`,
      message: (errors ?? []).map(textOf).join('\n'),
    })
  }
  return failures
}

/** What its hooks threw, or its loading: the tests in it did not run. */
const ofSuite = (where: string, suite: TestModule | TestSuite): readonly Failure[] =>
  suite.errors().length === 0 ? [] : [{ where, message: suite.errors().map(textOf).join('\n') }]

function textOf(error: SerializedError): string {
  const difference = typeof error['diff'] === 'string' ? [error['diff']] : []
  const [at] = error.stacks ?? []
  const place = at === undefined ? [] : [`at ${at.file}:${at.line}`]
  // A property says which run failed, and its cause what was wrong in it.
  const cause = error.cause === undefined ? [] : [`because ${textOf(error.cause)}`]
  return stripVTControlCharacters([error.message, ...difference, ...place, ...cause].join('\n'))
}
