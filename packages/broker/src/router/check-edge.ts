import type { EdgeId } from '@reveille/orchestration';

/**
 * Topics are ours alone: a topic made of anything else could subscribe to those of others.
 * @throws TypeError when it is no edge's name.
 */
export function checkEdge(edge: EdgeId): EdgeId {
  if (!/^[a-z0-9]{1,64}$/.test(edge)) throw new TypeError('an edge is named by 1 to 64 lower-case letters and digits');
  return edge;
}
