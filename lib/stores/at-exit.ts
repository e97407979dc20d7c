const beforeExits = new Set<() => void>()

/**
 * Runs `act` each time the event loop is empty, until the returned function is called. Work that `act` starts keeps the
 * process alive.
 */
export function beforeExit(act: () => void): () => void {
  if (beforeExits.size === 0) process.on('beforeExit', runBefore)
  beforeExits.add(act)
  return () => {
    beforeExits.delete(act)
    if (beforeExits.size === 0) process.off('beforeExit', runBefore)
  }
}

function runBefore(): void {
  for (const act of [...beforeExits]) runOne(act)
}

/** Callbacks at exit, by phase. Answers are judged first, so that stores write them too. */
const phases: Readonly<Record<'answers' | 'stores', Set<() => void>>> = { answers: new Set(), stores: new Set() }

/**
 * Runs `act` when the process exits, until the returned function is called. All callbacks share one listener: Node
 * would warn of a leak at more than ten.
 */
export function atExit(phase: keyof typeof phases, act: () => void): () => void {
  if (isEmpty()) process.on('exit', runAll)
  phases[phase].add(act)
  return () => {
    phases[phase].delete(act)
    if (isEmpty()) process.off('exit', runAll)
  }
}

function isEmpty(): boolean {
  return phases.answers.size + phases.stores.size === 0
}

function runAll(): void {
  // Not a list made in advance: a store may register while it gets the last answers.
  for (const acts of [phases.answers, phases.stores]) for (const act of [...acts]) runOne(act)
}

function runOne(act: () => void): void {
  try {
    act()
  } catch {
    // The process is exiting: the error can't be reported.
  }
}
