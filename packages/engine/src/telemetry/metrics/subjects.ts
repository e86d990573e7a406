// The cells that every task and every step meets, found with one look for each event. Tasks and steps are as many as one
// metric may have label sets; of those beyond, cells are looked up each time.
import type { LabelsOf } from './catalogue.ts'
import type { Count, Distribution } from './cells.ts'
import type { Instruments } from './instruments.ts'

export interface OfTask {
  readonly namespace: string
  readonly taskName: string
  readonly version: string
}

export interface OfStep extends OfTask {
  readonly stepName: string
}

/** Made when they are first needed: no value stands for what never happened. */
export class TaskSubject {
  readonly labels: LabelsOf<'tasks_created_total'>
  readonly #instruments: Instruments
  #created: Count | null = null
  #started: Count | null = null
  #completed: Count | null = null
  #duration: Distribution | null = null
  #latency: Distribution | null = null

  constructor({ namespace, taskName, version }: OfTask, instruments: Instruments) {
    this.labels = { namespace, task: taskName, version }
    this.#instruments = instruments
  }

  get created(): Count {
    return (this.#created ??= this.#instruments.counter('tasks_created_total', this.labels))
  }

  get started(): Count {
    return (this.#started ??= this.#instruments.counter('tasks_started_total', this.labels))
  }

  get completed(): Count {
    return (this.#completed ??= this.#instruments.counter('tasks_completed_total', this.labels))
  }

  /** Of those that completed. */
  get duration(): Distribution {
    return (this.#duration ??= this.#instruments.histogram('task_duration_seconds', {
      ...this.labels,
      outcome: 'completed',
    }))
  }

  get latency(): Distribution {
    return (this.#latency ??= this.#instruments.histogram('task_queue_latency_seconds', {
      namespace: this.labels.namespace,
      task: this.labels.task,
    }))
  }
}

export class StepSubject {
  readonly labels: LabelsOf<'steps_started_total'>
  readonly #instruments: Instruments
  #started: Count | null = null
  #completed: Count | null = null
  #duration: Distribution | null = null

  constructor({ namespace, taskName, stepName }: OfStep, instruments: Instruments) {
    this.labels = { namespace, task: taskName, step: stepName }
    this.#instruments = instruments
  }

  get started(): Count {
    return (this.#started ??= this.#instruments.counter('steps_started_total', this.labels))
  }

  get completed(): Count {
    return (this.#completed ??= this.#instruments.counter('steps_completed_total', this.labels))
  }

  /** Of attempts that completed. */
  get duration(): Distribution {
    return (this.#duration ??= this.#instruments.histogram('step_duration_seconds', {
      ...this.labels,
      outcome: 'completed',
    }))
  }
}

export class Subjects {
  readonly #instruments: Instruments
  readonly #max: number
  readonly #tasks = new Map<string, TaskSubject>()
  readonly #steps = new Map<string, StepSubject>()

  constructor(instruments: Instruments, max: number) {
    this.#instruments = instruments
    this.#max = max
  }

  task(of: OfTask): TaskSubject {
    const key = `${of.namespace}\n${of.taskName}\n${of.version}`
    return this.#kept(this.#tasks, key, () => new TaskSubject(of, this.#instruments))
  }

  step(of: OfStep): StepSubject {
    const key = `${of.namespace}\n${of.taskName}\n${of.stepName}`
    return this.#kept(this.#steps, key, () => new StepSubject(of, this.#instruments))
  }

  #kept<Subject>(known: Map<string, Subject>, key: string, make: () => Subject): Subject {
    const found = known.get(key)
    if (found !== undefined) return found
    const made = make()
    if (known.size < this.#max) known.set(key, made)
    return made
  }
}
