// For each alert about exports, stories at whose end, after an hour, it fires, and some like them in which it does not. A value
// stands for each minute, in the notation of promtool: `0x30` 30 more times the same, `_x25` nothing. The clock begins at 0.

interface Story {
  readonly [series: string]: string
}

export interface ExportAlertCase {
  readonly fires: readonly Story[]
  readonly keepsQuiet: readonly Story[]
}

const failed = 'tasker_exports_total{target="central",outcome="failed",instance="a"}'
const done = 'tasker_exports_total{target="central",outcome="done",instance="a"}'
const success = (instance: string): string =>
  `tasker_export_last_success_timestamp_seconds{target="central",instance="${instance}"}`
const job = (condition: string): string =>
  `kube_job_failed{namespace="shop",job_name="tasker-metrics-export-29",condition="${condition}"}`
const startOf = (name: string): string =>
  `kube_job_status_start_time{namespace="shop",job_name="${name}"}`
const cronJob = '{namespace="shop",cronjob="tasker-metrics-export"}'

export const exportAlertCases: Readonly<Record<string, ExportAlertCase>> = {
  TaskerMetricsExportFailed: {
    fires: [
      { [failed]: '0x50 1x10' },
      // The series begins with the first failure.
      { [failed]: '_x50 1x10' },
    ],
    keepsQuiet: [{ [failed]: '5x60', [done]: '0+1x60' }, { [done]: '0+1x60' }],
  },
  TaskerMetricsExportMissing: {
    fires: [
      { [success('a')]: '0+60x30 1800x30' },
      // The latest of all counts.
      { [success('a')]: '0+60x30 1800x30', [success('b')]: '0+60x20 1200x40' },
      // None has succeeded since the workers were started.
      { [failed]: '0+1x60' },
    ],
    keepsQuiet: [
      { [success('a')]: '0+60x60' },
      { [success('a')]: '0+60x60', [success('b')]: '0+60x20 1200x40' },
      { [success('a')]: '0+60x60', [failed]: '0+1x60' },
      // 16 minutes, and not for long yet.
      { [success('a')]: '0+60x44 2640x16' },
    ],
  },
  TaskerMetricsExportJobFailed: {
    fires: [{ [job('true')]: '0x50 1x10', [startOf('tasker-metrics-export-29')]: '3000x60' }],
    keepsQuiet: [
      { [job('false')]: '1x60', [startOf('tasker-metrics-export-29')]: '3000x60' },
      // One of long ago that is kept.
      { [job('true')]: '1x60', [startOf('tasker-metrics-export-29')]: '-300x60' },
      {
        'kube_job_failed{namespace="shop",job_name="backup-29",condition="true"}': '1x60',
        [startOf('backup-29')]: '3000x60',
      },
    ],
  },
  TaskerMetricsExportJobMissing: {
    fires: [
      { [`kube_cronjob_status_last_successful_time${cronJob}`]: '1500x60' },
      // It never succeeded.
      { [`kube_cronjob_created${cronJob}`]: '600x60' },
    ],
    keepsQuiet: [
      { [`kube_cronjob_status_last_successful_time${cronJob}`]: '0+60x60' },
      {
        [`kube_cronjob_status_last_successful_time${cronJob}`]: '3300x60',
        [`kube_cronjob_created${cronJob}`]: '600x60',
      },
      { 'kube_cronjob_status_last_successful_time{namespace="shop",cronjob="backup"}': '0x60' },
    ],
  },
}
