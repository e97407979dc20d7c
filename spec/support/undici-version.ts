/** Whether undici 7 stands in the place of 8 (`UNDICI=undici7`): what it can't do without the cache is skipped. */
export const isUndici7: boolean = process.env['UNDICI'] === 'undici7'
