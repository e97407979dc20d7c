/**
 * The value, or a rejection after `ms` milliseconds. What comes later is dropped. `'behind'`: the process may end meanwhile.
 */
export async function inTime<T>(ms: number, what: string, value: PromiseLike<T> | T, how?: 'behind'): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms / 1000} s`)), ms)
    if (how === 'behind') timer.unref()
  })
  try {
    return await Promise.race([value, late])
  } finally {
    clearTimeout(timer)
  }
}
