import type { Member } from '@reveille/orchestration';

const kinds = ['edge', 'initializer', 'relay'] as const satisfies readonly Member['kind'][];

/** Which deployables are alive, in a line. */
export function membersText(members: readonly Member[]): string {
  const counted = kinds.map((kind) => {
    const count = members.filter((member) => member.kind === kind).length;
    return `${count === 0 ? 'no' : count} ${kind}${count === 1 || count === 0 ? '' : 's'}`;
  });
  return `Alive: ${counted.join(', ')}.`;
}
