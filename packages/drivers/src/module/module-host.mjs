// The process of a `module` service: calls its function, reports it ready, ends it when asked to.
// Arguments: the file, the name of the function, `report` or `silent` when that has resolved.
import process from 'node:process';
import { pathToFileURL } from 'node:url';

/** How long the report that it is ready is tried, and the pause between two tries, milliseconds. */
const REPORT_MS = { last: 10_000, pause: 50 };

const [file = '', name = '', whenReady = ''] = process.argv.slice(2);
// They are of this host, and not for the module. What it is run by stays: to a module that looks, it is no program run by hand.
process.argv.splice(2);

const stopping = new AbortController();
/** @type {'loading' | 'initializing' | 'running'} */
let step = 'loading';
/** @type {Promise<unknown>} */
let initialized = Promise.resolve();

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('exit', (code) => {
  if (code !== 0 || step === 'running' || stopping.signal.aborted) return;
  console.error(`reveille: ${name}() of ${file} waits for something that nothing can bring about any more.`);
  process.exitCode = 1;
});

initialized = initialize();
// A refusal is told and ends the process below, also one that comes while it is being stopped.
initialized.catch(fail);

async function initialize() {
  /** @type {Record<string, unknown>} */
  const found = await import(pathToFileURL(file).href);
  const start = found[name];
  if (typeof start !== 'function') {
    const functions = Object.keys(found).filter((key) => typeof found[key] === 'function');
    const has = functions.length === 0 ? 'it exports no function' : `it exports ${functions.join(', ')}`;
    throw new Error(`${file} exports no function "${name}" (${has})`);
  }
  step = 'initializing';
  const made = await start(context());
  step = 'running';
  if (whenReady === 'report' && !stopping.signal.aborted) await reportReady(made?.url);
  return made;
}

/** What the service is and where it belongs; `signal` aborts when it is to end. */
function context() {
  const { env } = process;
  /** @type {Record<string, string>} */
  const dependencies = {};
  for (const [variable, url = ''] of Object.entries(env)) {
    const dependency = /^REVEILLE_DEP_(.+)_URL$/.exec(variable)?.[1];
    if (dependency !== undefined) dependencies[dependency.toLowerCase()] = url;
  }
  return {
    service: env['REVEILLE_SERVICE'],
    instance: env['REVEILLE_INSTANCE'],
    generation: Number(env['REVEILLE_GENERATION']),
    tenant: env['REVEILLE_TENANT'],
    user: env['REVEILLE_USER'],
    port: env['PORT'] === undefined ? undefined : Number(env['PORT']),
    dependencies,
    signal: stopping.signal,
  };
}

async function stop() {
  if (stopping.signal.aborted) return;
  stopping.abort(new Error('the service is being stopped'));
  /** @type {any} */
  const made = await initialized.catch(() => undefined);
  try {
    if (typeof made === 'function') await made();
    else if (made?.[Symbol.asyncDispose] !== undefined) await made[Symbol.asyncDispose]();
    else if (made?.[Symbol.dispose] !== undefined) made[Symbol.dispose]();
    process.exit();
  } catch (error) {
    fail(error);
  }
}

/** @param {unknown} error */
function fail(error) {
  // One that gives up because it was asked to end has not failed.
  if (stopping.signal.aborted && error === stopping.signal.reason) process.exit(0);
  console.error(step === 'loading' ? `reveille: the module cannot be run:` : `reveille: ${name}() of ${file} failed:`);
  console.error(error);
  process.exit(1);
}

/** @param {unknown} endpoint where it answers, when it chose that itself */
async function reportReady(endpoint) {
  const url = process.env['REVEILLE_REPORT_URL'] ?? '';
  const body = JSON.stringify({ ready: true, ...(endpoint === undefined ? {} : { endpoint: String(endpoint) }) });
  const headers = {
    authorization: `Bearer ${process.env['REVEILLE_REPORT_TOKEN']}`,
    'content-type': 'application/json',
  };
  const until = performance.now() + REPORT_MS.last;
  for (;;) {
    const signal = AbortSignal.timeout(REPORT_MS.last);
    const { status, said } = await fetch(url, { method: 'POST', headers, body, signal }).then(
      async (response) => ({ status: response.status, said: `${response.status} ${await response.text()}`.trim() }),
      (/** @type {Error} */ error) => ({ status: undefined, said: error.message }),
    );
    if (status !== undefined && status < 300) return;
    const isFinal = status !== undefined && status < 500 && status !== 429;
    if (isFinal || performance.now() > until) throw new Error(`the report that it is ready was not taken: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, REPORT_MS.pause));
  }
}
