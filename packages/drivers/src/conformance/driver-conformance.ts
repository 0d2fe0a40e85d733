import assert from 'node:assert/strict';
import type { Endpoint, ReadyProbe } from '@reveille/contracts';
import {
  type Driver,
  DriverError,
  type DriverContext,
  type Running,
  type StartRequest,
  type StopOptions,
} from '@reveille/orchestration';
import { untilReady } from '../probe/until-ready.ts';

/** What a service of the suite does. All of them write the line `begun` first. */
export type Program =
  /** Listens on its port and answers HTTP with status 200. Ends when asked to. */
  | 'serve'
  /** The same, but takes no notice of being asked to end. */
  | 'stubborn'
  /** Ends by itself, at once, unsuccessfully. */
  | 'exit';

/** What a way of starting has to offer to be put through the suite. */
export interface DriverHarness extends AsyncDisposable {
  readonly driver: Driver;
  /** A driver of the same deployment that has started nothing, as another initializer would have it. */
  readonly another: Driver;
  /** What it starts runs elsewhere, and no line of it is heard. */
  readonly isMute?: boolean;
  /** Requests for different generations are for runs of different names; the same generation always has the same name. */
  request(program: Program, generation: number): StartRequest;
}

/** A sentence of behaviour, and what proves it: rejects when the driver does otherwise. */
export type ConformanceCase = { name: string; run(): Promise<void> };

/** What every driver must do, whatever it starts. The caller gives each case to its test runner. */
export function driverConformance(make: () => Promise<DriverHarness>): ConformanceCase[] {
  return Object.entries(cases).map(([name, prove]) => ({
    name,
    async run() {
      await using harness = await make();
      await prove(harness);
    },
  }));
}

const cases: Readonly<Record<string, (harness: DriverHarness) => Promise<void>>> = {
  async 'a started service answers at its endpoint'({ driver, request }) {
    const running = await driver.start(request('serve', 1), context());
    const { url } = await ready(running);
    assert.equal((await fetch(url)).status, 200);
  },

  async 'what runs is listed under its name, with its instance and generation'({ driver, request }) {
    const asked = request('serve', 7);
    await driver.start(asked, context());
    const { name, instance } = asked;
    assert.deepEqual(await driver.list(never()), [{ name, instance, generation: 7 }]);
  },

  async 'a second start of the same name finds the first'({ driver, request }) {
    const [first, second] = await Promise.all([
      driver.start(request('serve', 1), context()),
      driver.start(request('serve', 1), context()),
    ]);
    assert.deepEqual(first.endpoint, second.endpoint);
    assert.equal((await driver.list(never())).length, 1);
  },

  async 'adopting finds nothing where nothing runs, and starts nothing'({ driver, request }) {
    assert.equal(await driver.adopt(request('serve', 1), context()), undefined);
    assert.deepEqual(await driver.list(never()), []);
  },

  async 'another initializer adopts what runs, at the same endpoint'({ driver, another, request }) {
    const started = await driver.start(request('serve', 1), context());
    const endpoint = await ready(started);
    const adopted = await another.adopt(request('serve', 1), context());
    assert.deepEqual(adopted?.endpoint, endpoint);
    assert.equal(await another.adopt(request('serve', 2), context()), undefined);
  },

  async 'the end of an adopted run is noticed'({ driver, another, request }) {
    const asked = request('serve', 1);
    await driver.start(asked, context());
    const adopted = await another.adopt(asked, context());
    assert.ok(adopted);
    assert.deepEqual(await driver.stop(run(asked), stopping(asked)), { stopped: true });
    await adopted.exited;
  },

  async 'a stopped service runs no more, and is listed no more'({ driver, request }) {
    const asked = request('serve', 1);
    const running = await driver.start(asked, context());
    const { url } = await ready(running);
    assert.deepEqual(await driver.stop(run(asked), stopping(asked)), { stopped: true });
    await running.exited;
    await assert.rejects(fetch(url));
    assert.deepEqual(await driver.list(never()), []);
  },

  async 'stopping again, and stopping what never ran, is no fault'({ driver, request }) {
    const asked = request('serve', 1);
    await driver.start(asked, context());
    for (const name of [asked, asked, request('serve', 2)])
      assert.deepEqual(await driver.stop(run(name), stopping(name)), { stopped: true });
  },

  async 'two that stop the same run at once are both told when it is gone'({ driver, request }) {
    const asked = request('serve', 1);
    await driver.start(asked, context());
    const stop = () => driver.stop(run(asked), stopping(asked));
    assert.deepEqual(await Promise.all([stop(), stop()]), [{ stopped: true }, { stopped: true }]);
  },

  async 'another initializer stops what it did not start'({ driver, another, request }) {
    const asked = request('serve', 1);
    const running = await driver.start(asked, context());
    assert.deepEqual(await another.stop(run(asked), stopping(asked)), { stopped: true });
    await running.exited;
    assert.deepEqual(await driver.list(never()), []);
  },

  async 'a service that takes no notice is killed when its grace is over'({ driver, request }) {
    const asked = request('stubborn', 1);
    const running = await driver.start(asked, context());
    await ready(running);
    assert.deepEqual(await driver.stop(run(asked), stopping(asked, 50)), { stopped: true });
    assert.deepEqual(await driver.list(never()), []);
  },

  async 'a stop takes effect on that generation alone'({ driver, request }) {
    const [older, newer] = [request('serve', 1), request('serve', 2)];
    await driver.start(older, context());
    const running = await driver.start(newer, context());
    await driver.stop(run(older), stopping(older));
    const { url } = await ready(running);
    assert.equal((await fetch(url)).status, 200);
    assert.deepEqual(await driver.list(never()), [run(newer)]);
  },

  async 'a service that ends by itself is noticed, keeps its last words and may be started again'({
    driver,
    isMute,
    request,
  }) {
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const running = await driver.start(request('exit', 1), context());
      const failure = await ready(running).catch((error: unknown) => error);
      assert.ok(failure instanceof DriverError);
      assert.equal(failure.code, 'exited_early');
      assert.deepEqual(failure.logTail, isMute ? [] : ['begun']);
    }
  },

  async 'lines are heard as they come'({ driver, isMute, request }) {
    if (isMute) return;
    const running = await driver.start(request('serve', 1), context());
    await new Promise<void>((resolve) => {
      running.onLine((line) => line === 'begun' && resolve());
      if (running.logs().includes('begun')) resolve();
    });
  },

  async 'a start whose caller has left starts nothing'({ driver, request }) {
    const refused = driver.start(request('serve', 1), { ...context(), signal: AbortSignal.abort() });
    await assert.rejects(refused, (error) => error instanceof DriverError && error.code === 'cancelled');
    assert.deepEqual(await driver.list(never()), []);
  },

  async 'a start that is given up half-way leaves nothing once it is stopped'({ driver, request }) {
    const asked = request('serve', 1);
    await leftHalfWay(driver, asked);
    assert.deepEqual(await driver.stop(run(asked), stopping(asked)), { stopped: true });
    assert.deepEqual(await driver.list(never()), []);
  },

  // Its claim may be lost, and another initializer may go on with what it began: to end that is for whoever has the claim.
  async 'who gives up a start ends nothing that another goes on with'({ driver, another, request }) {
    const asked = request('serve', 1);
    const [running] = await Promise.all([driver.start(asked, context()), leftHalfWay(another, asked)]);
    const { url } = await ready(running);
    assert.equal((await fetch(url)).status, 200);
    assert.deepEqual(await driver.list(never()), [run(asked)]);
  },
};

/** Begins a start and leaves at its first sign of progress, as one whose claim is lost. It may have been quicker. */
async function leftHalfWay(driver: Driver, asked: StartRequest): Promise<void> {
  const leave = new AbortController();
  const progress = (): void => leave.abort(new Error('the claim is lost'));
  await driver.start(asked, { signal: leave.signal, progress }).catch((error: unknown) => {
    assert.ok(error instanceof DriverError && error.code === 'cancelled', String(error));
  });
}

function run({ name, instance, generation }: StartRequest): {
  name: string;
  instance: StartRequest['instance'];
  generation: number;
} {
  return { name, instance, generation };
}

function stopping(asked: StartRequest, graceMs = 5000): StopOptions {
  return { graceMs, signal: never(), request: () => Promise.resolve(asked) };
}

function context(): DriverContext {
  return { signal: never(), progress: () => undefined };
}

/** The test runner's own limit ends a wait that lasts for ever. */
function never(): AbortSignal {
  return new AbortController().signal;
}

async function ready(running: Running): Promise<Endpoint> {
  const probe: ReadyProbe = { tcp: {}, everyMs: 10, timeoutMs: 1000, settleMs: 0 };
  const reports = { ready: () => undefined, onReady: () => () => undefined };
  return (await untilReady({ probe, running, endpoint: () => running.endpoint, reports, signal: never() })).endpoint;
}
