/**
 * For HEALTHCHECK: whether the deployable in this container lives. Exit status 0 or 1; what it said goes into the Engine's record.
 *
 * Usage: node healthcheck.mjs [PATH], such as `/readyz`. Default: `/livez`.
 */
const port = process.env.REVEILLE_HEALTH_PORT ?? '9090';
const [path = '/livez'] = process.argv.slice(2);
try {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(8000) });
  console.log(`${answer.status} ${await answer.text()}`);
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  console.log(`no answer on port ${port}: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
