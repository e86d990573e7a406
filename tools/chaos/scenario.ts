// What a scenario is and what it hands back. The harness around it: run.ts chooses it, run-scenario.ts runs it, stage.ts is
// what it stands on.
import type { ChaosStage } from './stage.ts'

export interface Scenario {
  /** The name of its file; `--scenario <name>` runs it alone. */
  readonly name: string
  /** What it must end with, in a sentence. */
  readonly endsWith: string
  /** Settings of its PostgreSQL server beside the usual ones. */
  readonly serverSettings?: Readonly<Record<string, string>>
  /** Taken for hung, and ended, after so many minutes. Default: 5 in the short form, 45 in full. */
  readonly limitMinutes?: { readonly short: number; readonly full: number }
  /**
   * Injects faults and waits for what must come of them. What is wrong goes to `stage.fault`; it throws only when going on
   * makes no sense. Afterwards the harness checks what must hold after every scenario (`finish` of the stage).
   */
  run(stage: ChaosStage): Promise<ScenarioReport>
}

export interface ScenarioReport {
  /** Faults injected, by kind: `{ SIGKILL: 31 }`. */
  readonly faults: Readonly<Record<string, number>>
  /** Tasks that ran under them. */
  readonly tasks: number
  /** Milliseconds from each fault to the moment its victim's work went on. Empty where that means nothing. */
  readonly recoveriesMs?: readonly number[]
  /** Whatever else is worth a line in the results. */
  readonly figures?: Readonly<Record<string, number | string>>
}

/** What became of one scenario. */
export interface Result extends ScenarioReport {
  readonly scenario: string
  readonly seed: number
  readonly isShort: boolean
  readonly seconds: number
  /** Repeats it. */
  readonly command: string
  /** What is wrong; empty when the scenario passed. */
  readonly wrong: readonly string[]
}
