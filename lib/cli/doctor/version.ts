/** Whether a version is at least another, compared by number (`7.27.0`); anything after a `-` is ignored. */
export function isAtLeast(version: string, least: string): boolean {
  const [have, want] = [numbers(version), numbers(least)]
  for (const [index, number] of want.entries()) {
    const own = have[index] ?? 0
    if (own !== number) return own > number
  }
  return true
}

function numbers(version: string): number[] {
  const [release = ''] = version.split('-')
  return release.split('.').map(Number)
}
