import type { Failure, Origin, Service } from '@reveille/contracts';
import type { Reading } from '../port/index.ts';
import type { Identity } from './command.ts';

/** What one reconciler sees of an instance at one moment. */
export type Situation = {
  reading: Reading;
  /** Readings of its dependencies, in the order of `identity.dependencies`. */
  dependencies: readonly Reading[];
  /** What the catalog says of them, in the same order; absent: nothing of them is being replaced. */
  declared?: readonly { definition?: string | undefined; update: Service['update'] }[];
  /** Readings of what its record depends on and its catalog no longer names. */
  former: readonly Reading[];
  identity: Identity;
  spec: Service;
  self: { owner: string; host: string | undefined };
  /** Hosts with a live initializer: what ran on another host died with it. */
  aliveHosts: ReadonlySet<string>;
  /** The initialization that a new generation belongs to. */
  origin: Origin | undefined;
  /** What is told to whoever wants it while its service is paused by an operator; absent: it is not. */
  paused?: Failure | undefined;
};
