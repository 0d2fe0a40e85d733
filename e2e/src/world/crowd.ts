import type { FaultWorld } from './fault-world.ts';
import type { Visitor } from './visitor.ts';

/** Sockets that open at once: more would wait in the listen backlog of the edge (511), and be sent again a second later. */
const atOnce = 200;

/** How many of the users of a row there are: all of them with `npm run test:faults`, unless `REVEILLE_FAULT_CROWD` says another share. */
export function shareOf(whole: number): number {
  const share =
    process.env['REVEILLE_FAULT_CROWD'] ?? (process.env['REVEILLE_FAULT_RESULTS'] === undefined ? '0.1' : '1');
  return Math.max(1, Math.round(whole * Number(share)));
}

/** Many users, each of a name of its own, spread over the edges named. */
export async function crowd(
  world: FaultWorld,
  count: number,
  edges: readonly number[] = [0],
  of: { says?: 'nothing' } = {},
): Promise<Visitor[]> {
  const visitors: Visitor[] = [];
  for (let from = 0; from < count; from += atOnce) {
    const names = Array.from({ length: Math.min(atOnce, count - from) }, (_, index) => from + index);
    visitors.push(
      ...(await Promise.all(names.map((n) => world.user(`user-${n}`, { ...of, edge: edges[n % edges.length] ?? 0 })))),
    );
  }
  return visitors;
}
