// How far an action on many tasks has come: one line of stderr, redrawn on a screen, repeated now and then elsewhere.
import { count, systemClock, type BulkProgress } from '@tasker/engine'
import type { Terminal } from './terminal.ts'

export interface ProgressLine {
  show(progress: BulkProgress): void
  /** Takes the line off the screen: the report says it all. */
  end(): void
}

/** Where lines stay, told no more often than this. */
const tellEveryMs = 2_000

export async function openProgressLine(terminal: Terminal): Promise<ProgressLine> {
  return process.stderr.isTTY ? openLiveLine(terminal) : openRepeatedLine(terminal)
}

async function openLiveLine(terminal: Terminal): Promise<ProgressLine> {
  const { createLogUpdate } = await import('log-update')
  const region = createLogUpdate(process.stderr)
  terminal.logThrough((text) => region.persist(text))
  return {
    show: (progress) => region(terminal.paintLog.dim(lineOf(progress))),
    end() {
      terminal.logThrough(null)
      region.clear()
      region.done()
    },
  }
}

function openRepeatedLine(terminal: Terminal): ProgressLine {
  let toldAtMs = systemClock.monotonicMs()
  return {
    show(progress) {
      const nowMs = systemClock.monotonicMs()
      if (nowMs - toldAtMs < tellEveryMs) return
      toldAtMs = nowMs
      terminal.log(terminal.paintLog.dim(lineOf(progress)))
    },
    end() {},
  }
}

const lineOf = ({ matched, changed, refused }: BulkProgress): string =>
  `${count(matched, 'task')} looked at, ${changed} changed, ${refused} refused`
