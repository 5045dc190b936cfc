/** `npm run test:full` sets it: every row and seed, where a change is tested with a cover of them. */
export const whole = process.env.SKO_FULL === '1'
