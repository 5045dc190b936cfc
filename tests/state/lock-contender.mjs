// Forked by run-lock.test.ts with the compiled sources: tries for the lock at the moment it is told to.
const { acquireRunLock } = await import(`${process.argv[2]}/state/run-lock.js`)
const { identify } = await import(`${process.argv[2]}/process/table/identity.js`)

process.on('message', ({ folder, at }) => {
  while (Date.now() < at);
  process.send(acquireRunLock(folder, identify(process.pid), { runId: `of-${process.pid}` }))
})
process.send('ready')
