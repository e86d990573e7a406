// The workloads, in the order they are told in.
import type { Workload } from '../workload.ts'
import { backlog } from './backlog.ts'
import { chain } from './chain.ts'
import { embedded } from './embedded.ts'
import { latency } from './latency.ts'
import { real } from './real.ts'
import { retained } from './retained.ts'
import { diamond, fanOut, linear } from './throughput.ts'
import { wide } from './wide.ts'

export const workloads: readonly Workload[] = [
  linear,
  diamond,
  fanOut,
  latency,
  chain,
  backlog,
  wide,
  retained,
  real,
  embedded,
]
