import type { WebSocket } from 'ws';
import { sleep } from '@reveille/lifecycle';
import type { Figure, Row } from '../measure/figure.ts';
import { residentBytes } from '../measure/process-cost.ts';
import { type Spread, scaled, spreadOf } from '../measure/samples.ts';
import { startBareServer } from '../reference/bare-server.ts';
import { closeRaw, openRaw } from '../reference/raw-socket.ts';
import { single } from '../stage/catalogs.ts';
import type { Kind } from '../stage/deployable.ts';
import { Stage } from '../stage/stage.ts';
import { Visitor } from '../stage/visitor.ts';

const sessions = { full: 1000, quick: 200 } as const;
/** Handshakes at once: as many as the listen queue of a server takes. */
const atOnce = 50;
/** After the last handshake, for what is left to be collected. */
const restMs = 1500;
const kinds = ['edge', 'initializer', 'relay'] as const;
const megabyte = 1 / 1_048_576;

type Weights = Record<Kind | 'bare', number>;

/** Resident memory at rest and with a thousand sessions, in fresh processes each round. */
export const memory: Figure = {
  name: 'memory',
  about: 'resident memory of each deployable at rest and with 1,000 sessions, beside bare ws sockets',
  async measure({ quick, signal }) {
    const rest: Weights[] = [];
    const full: Weights[] = [];
    const count = quick ? sessions.quick : sessions.full;
    for (let round = 0; round < (quick ? 1 : 3); round += 1) {
      signal.throwIfAborted();
      const [before, after] = await weigh(count, signal);
      rest.push(before);
      full.push(after);
    }
    const of = (list: readonly Weights[], kind: keyof Weights): Spread => spreadOf(list.map((one) => one[kind]));
    const perSession = (kind: keyof Weights): Spread =>
      spreadOf(full.map((one, round) => (one[kind] - (rest[round]?.[kind] ?? 0)) / count));
    const bareRest = { what: 'process with ws alone', value: scaled(of(rest, 'bare'), megabyte), unit: 'MB' } as const;
    const atRest = kinds.map((kind): Row => {
      const ours = scaled(of(rest, kind), megabyte);
      const ratio = ours.median / bareRest.value.median;
      return { figure: 'memory', what: `${kind} at rest`, ours, unit: 'MB', reference: bareRest, ratio };
    });
    const [ours, bare] = [scaled(perSession('edge'), 1 / 1024), scaled(perSession('bare'), 1 / 1024)];
    const busy = kinds.map((kind) => `${kind} ${(of(full, kind).median * megabyte).toFixed(0)} MB`).join(', ');
    return {
      rows: [
        ...atRest,
        {
          figure: 'memory',
          what: 'edge, per session with its upstream',
          ours,
          unit: 'KB',
          reference: { what: 'two bare ws sockets', value: scaled(bare, 2), unit: 'KB' },
          ratio: ours.median / (2 * bare.median),
          target: { is: 'at_most', ratio: 1.5 },
        },
      ],
      notes: [
        `With ${count} sessions: ${busy}; the bare server ${(of(full, 'bare').median * megabyte).toFixed(0)} MB.`,
      ],
    };
  },
};

async function weigh(count: number, signal: AbortSignal): Promise<[Weights, Weights]> {
  await using stage = await Stage.open(single);
  await using bare = await startBareServer();
  const now = (): Weights => ({
    edge: residentBytes(stage.programs.edge.pid),
    initializer: residentBytes(stage.programs.initializer.pid),
    relay: residentBytes(stage.programs.relay.pid),
    bare: residentBytes(bare.program.pid),
  });
  await using visitors = new AsyncDisposableStack();
  // The first user starts the service: that belongs to the rest, and not to the sessions.
  visitors.use(await Visitor.arrive(stage.url, 'chat', 'first'));
  await sleep(restMs, signal);
  const before = now();
  const sockets: WebSocket[] = [];
  visitors.defer(() => Promise.all(sockets.map(closeRaw)).then(() => undefined));
  for (let first = 0; first < count; first += atOnce) {
    const batch = Array.from({ length: atOnce }, (_, index) => first + index);
    const [arrived, raw] = await Promise.all([
      Promise.all(batch.map((index) => Visitor.arrive(stage.url, 'chat', `user-${index}`))),
      Promise.all(batch.map(() => openRaw(bare.url))),
    ]);
    for (const visitor of arrived) visitors.use(visitor);
    sockets.push(...raw);
  }
  await sleep(restMs, signal);
  return [before, now()];
}
