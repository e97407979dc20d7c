const acts = new Set<() => void>()

/**
 * Runs `act` when the process ends, until the undo is called. One listener for all: more than ten of their own would make
 * Node warn of a leak.
 */
export function atExit(act: () => void): () => void {
  if (acts.size === 0) process.on('exit', runAll)
  acts.add(act)
  return () => {
    acts.delete(act)
    if (acts.size === 0) process.off('exit', runAll)
  }
}

function runAll(): void {
  for (const act of acts) {
    try {
      act()
    } catch {
      // The process ends; nobody is there to be told.
    }
  }
}
