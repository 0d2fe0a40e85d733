/** For HEALTHCHECK: whether the deployable in this container lives. Exit status 0 or 1; what it said goes into the Engine's record. */
const port = process.env.REVEILLE_HEALTH_PORT ?? '9090';
try {
  const answer = await fetch(`http://127.0.0.1:${port}/livez`, { signal: AbortSignal.timeout(2500) });
  console.log(`${answer.status} ${await answer.text()}`);
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  console.log(`no answer on port ${port}: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
