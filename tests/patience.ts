/**
 * How long a test waits for what must come. It ends a test that has failed and orders nothing: on a machine with ten
 * times more to do than it can, 30 s and 60 s were too short, and a mission on the real host took 280 s. A longer one
 * costs nothing but in a test that fails.
 */
export const patienceMs = 600_000
