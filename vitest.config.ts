import { defineConfig } from 'vitest/config'
import { patienceMs } from './tests/patience.ts'

// Every Node that a test starts would read them anew: measured, 80 ms of 110. No test talks to the internet.
delete process.env.NODE_EXTRA_CA_CERTS

/** A test may wait for several things. */
const patient = { testTimeout: 2 * patienceMs, hookTimeout: patienceMs }

/**
 * Rings: `unit` is fakes and tables; `process` is real processes and the built program against a fake host; `rig` holds
 * that fake host against the recordings of the real one, and the table tests to account; `agents` is the real agent CLIs
 * against model servers of this machine; `e2e` is the real host. Host calls are processor-bound, so e2e runs as many
 * files at once as two cores bear; `worlds` is the real host in every kind of repository, with agents and persons that
 * interfere. `crash` is no part of `npm test`: kills, full disks and floods, for hours.
 *
 * No module of ours keeps anything, so files may share one: execa and zod are then imported once by each worker.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'tests/{core,config,host,agents,report,state,run,git,record,conformance,sim,demo,self-test}/**/*.test.ts',
            'tests/*.test.ts',
            'tests/worlds/look/*.test.ts',
          ],
          globalSetup: 'tests/git/template/global-setup.ts',
          ...patient,
          isolate: false,
          // The default is one less than there are processors, which on two is one.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'process',
          include: ['tests/{process,cli,crash,scripts}/**/*.test.ts'],
          globalSetup: 'tests/cli/support/fake-host-server.ts',
          ...patient,
          isolate: false,
          // Most of their time is waiting: for a grace to pass, for a stall to be noticed.
          maxWorkers: 4,
        },
      },
      {
        test: {
          name: 'rig',
          include: ['tests/rig/**/*.test.ts'],
          globalSetup: 'tests/cli/support/fake-host-server.ts',
          ...patient,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'agents',
          include: ['tests/real-agents/**/*.test.ts'],
          // The runner's limits end a CLI that hangs; a case may also wait for its turn.
          testTimeout: 1_800_000,
          maxConcurrency: 12,
        },
      },
      {
        test: {
          name: 'settings',
          include: ['tests/settings/**/*.test.ts'],
          // Some hundred replays, and more for each setting that makes a difference.
          testTimeout: 3_600_000,
          hookTimeout: patienceMs,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'crash',
          include: ['tests/crash-long/**/*.test.ts'],
          // Each counts its own runs and says how far it came.
          testTimeout: 4 * 3_600_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          globalSetup: 'tests/e2e/support/warm-host/global-setup.ts',
          ...patient,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'worlds',
          include: ['tests/worlds/*.test.ts'],
          globalSetup: 'tests/e2e/support/warm-host/global-setup.ts',
          ...patient,
          maxWorkers: 4,
        },
      },
    ],
  },
})
