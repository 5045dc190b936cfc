import { defineConfig } from 'vitest/config'

/** What Stryker runs against each mutant of src/core: the tests that mirror it. Its runner knows no projects. */
export default defineConfig({ test: { include: ['tests/core/**/*.test.ts'] } })
