const beforeExits = new Set<() => void>()

/**
 * Runs `act` each time the event loop has nothing more to do, until the undo is called: what it begins then keeps the process
 * going.
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

/** Answers are judged before the stores that they go to write what they have. */
const phases: Readonly<Record<'answers' | 'stores', Set<() => void>>> = { answers: new Set(), stores: new Set() }

/**
 * Runs `act` when the process ends, until the undo is called. One listener for all: more than ten of their own would make
 * Node warn of a leak.
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
  // A store may come in only when it is handed the last answers.
  for (const acts of [phases.answers, phases.stores]) for (const act of [...acts]) runOne(act)
}

function runOne(act: () => void): void {
  try {
    act()
  } catch {
    // The process ends; nobody is there to be told.
  }
}
