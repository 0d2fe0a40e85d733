import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { open, quick } from './open.ts';
import { ScriptedEdge } from './scripted-edge.ts';

/** What a browser says of its network. */
let network: { onLine: boolean };
let events: EventTarget;
/** The client waits for `online`. */
let waits: Promise<void>;

beforeEach(() => {
  network = { onLine: true };
  events = new EventTarget();
  const listened = Promise.withResolvers<void>();
  waits = listened.promise;
  vi.stubGlobal('navigator', network);
  vi.stubGlobal('addEventListener', (type: string, listener: () => void) => {
    events.addEventListener(type, listener);
    if (type === 'online') listened.resolve();
  });
  vi.stubGlobal('removeEventListener', events.removeEventListener.bind(events));
});
afterEach(() => vi.unstubAllGlobals());

function comeBack(): void {
  network.onLine = true;
  events.dispatchEvent(new Event('online'));
}

/** An edge of another machine, as far as its address tells, that is not there without a network. `tried`: whether there was one at each attempt. */
function elsewhere(edge: ScriptedEdge) {
  const { host } = new URL(edge.url);
  const tried: boolean[] = [];
  class Far extends WebSocket {
    constructor(address: string, protocols: string[]) {
      tried.push(network.onLine);
      super(address.replace('edge.example', network.onLine ? host : '127.0.0.1:1'), protocols);
    }
  }
  return { url: 'ws://edge.example', WebSocket: Far as typeof WebSocket, tried };
}

it('does not try without a network and gives nothing up; what waits goes out when there is one again', async () => {
  const edge = await ScriptedEdge.start();
  const { tried, ...far } = elsewhere(edge);
  const client = open(edge, { ...far, reconnect: { ...quick, attempts: 1 } });
  const first = await edge.connection();
  await first.welcome();
  await first.handled();
  network.onLine = false;
  first.vanish();
  await waits;
  const sent = client.send('from under ground', { id: 'm1' });
  comeBack();
  const second = await edge.connection();
  await second.welcome();
  await second.expect('send');
  second.say({ type: 'accepted', id: 'm1' });
  await sent;
  expect(tried).toEqual([true, true]);
});

it('does not count that there is no network from the start', async () => {
  network.onLine = false;
  const edge = await ScriptedEdge.start();
  const { tried, ...far } = elsewhere(edge);
  open(edge, { ...far, reconnect: { ...quick, initialAttempts: 1 } });
  await waits;
  comeBack();
  await (await edge.connection()).welcome();
  expect(tried).toEqual([false, true]);
});

it('ends when it is closed without a network', async () => {
  network.onLine = false;
  const edge = await ScriptedEdge.start();
  const { tried, ...far } = elsewhere(edge);
  const client = open(edge, far);
  await waits;
  client.close();
  expect(await client.closed).toMatchObject({ code: 1000 });
  comeBack();
  expect(tried).toEqual([false]);
});

it('reaches an edge of its own machine without a network', async () => {
  network.onLine = false;
  const edge = await ScriptedEdge.start();
  open(edge);
  const first = await edge.connection();
  await first.welcome();
  first.vanish();
  await (await edge.connection()).welcome();
});
