// What every subject is asked for, by the benchmark of peers: the workloads that all of them can do.
import type { Work } from './work.ts'

export interface PeerWorkload {
  readonly name: string
  readonly what: string
  readonly work: Work
}

export const peerWorkloads: readonly PeerWorkload[] = [
  {
    name: 'linear',
    what: '2,000 tasks of five steps in a row',
    work: { kind: 'throughput', shape: 'linear', taskCount: 2_000 },
  },
  {
    name: 'diamond',
    what: '2,000 tasks A, then B and C, then D',
    work: { kind: 'throughput', shape: 'diamond', taskCount: 2_000 },
  },
  {
    name: 'fan-out',
    what: '50 tasks of one step, 200 that follow it, one that waits for all',
    work: { kind: 'throughput', shape: 'fan-out', taskCount: 50 },
  },
  {
    name: 'backlog',
    what: '50,000 tasks of one step, created and drained',
    work: { kind: 'throughput', shape: 'one-step', taskCount: 50_000 },
  },
  {
    name: 'latency',
    what: 'one task of five steps at a time, on an idle system',
    work: { kind: 'latency', shape: 'linear', taskCount: 200 },
  },
]
