import { defineConfig } from 'vitest/config'
import { patienceMs } from './tests/patience.ts'

/**
 * What Stryker runs against each mutant of src/core: the tests that mirror it. Without those that take seconds each time
 * to show that something is fast, or lives long: what core decides, the others hold in place.
 */
export default defineConfig({
  test: {
    include: ['tests/core/**/*.test.ts'],
    exclude: ['tests/core/**/{linear-time,slow-or-silent}.test.ts'],
    // Each mutant gets a worker of its own all the same; its test files then import zod once.
    isolate: false,
    testTimeout: patienceMs,
  },
})
