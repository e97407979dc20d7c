import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** `UNDICI=undici7` runs every spec that imports `undici` with undici 7 instead of 8. */
const undici = process.env['UNDICI']

const config: ViteUserConfig = defineConfig({
  resolve: { alias: undici ? [{ find: /^undici$/, replacement: undici }] : [] },
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['spec/**/*.spec.ts'],
    // A process a file: specs set the global dispatcher, and msw patches net.
    pool: 'forks',
    testTimeout: 20_000,
  },
})

export default config
