import { SingleBar } from 'cli-progress'

/** Progress of a run. */
export interface Progress {
  advance(isFailed: boolean): void
  stop(): void
}

const SILENT: Progress = { advance: () => undefined, stop: () => undefined }

/** Shows a bar on stderr with rate and remaining time; nothing without a terminal. */
export function startProgress(total: number): Progress {
  if (!process.stderr.isTTY) return SILENT
  const bar = new SingleBar({
    format: '{bar} {value}/{total} · {rate}/s · {eta_formatted} left · {failed} failed',
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
  })
  const startedAt = performance.now()
  let [done, failed] = [0, 0]
  bar.start(total, 0, { rate: 0, failed })
  return {
    advance(isFailed) {
      done++
      if (isFailed) failed++
      bar.update(done, { rate: (done / ((performance.now() - startedAt) / 1000)).toFixed(1), failed })
    },
    stop: () => bar.stop(),
  }
}
