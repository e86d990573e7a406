// The cast of most scenarios: random graphs, and a task of the worker's own for the check that it lives.
import type { MakeCast } from '../cast.ts'
import { dagDefinitions } from '../random-dags.ts'
import { tailDefinition } from '../tail.ts'

export const makeCast: MakeCast = ({ ledger, name }) => ({
  definitions: [...dagDefinitions(ledger), tailDefinition(name, ledger)],
})
