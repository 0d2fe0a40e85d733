import type { Simulated } from './simulators.ts';

/** With fewer clusters it is chance whether each fault was among them. */
const enoughSeeds = 100;
/** So many failing seeds are told of. */
const mostFailures = 6;

/** Each fault and each outcome. */
const mustHappen = [
  ...['ready', 'failed', 'lost', 'stopped', 'refused', 'trial', 'replaced', 'drained', 'emptied', 'changed', 'killed'],
  ...['initializer', 'edge', 'relay'].flatMap((kind) =>
    ['crashed', 'terminated', 'frozen', 'cut'].map((what) => `${what}-${kind}`),
  ),
  ...['published', 'broken', 'dawdles', 'impostor', 'voiceless', 'left', 'trimmed', 'failed-over', 'token_expired'],
  ...['begun', 'initialization_completed', 'initialization_failed', 'deadline_exceeded', 'upstream_unproven'],
  ...['resumed', 'begun-anew', 'draining', 'interrupted', 'rejected', 'accepted', 'heard', 'broker_unavailable'],
];

/** What many clusters showed together. */
export class Tally {
  readonly failed: string[] = [];
  readonly seen: Record<string, number> = {};
  clusters = 0;

  /** @returns `enough` after some failures: the rest would say the same */
  add({ seed, faults, seen }: Simulated): 'enough' | undefined {
    this.clusters++;
    for (const [what, times] of Object.entries(seen)) this.seen[what] = (this.seen[what] ?? 0) + times;
    if (faults.length > 0) this.failed.push(`npm run test:simulation -- --seed ${seed}\n  ${faults.join('\n  ')}`);
    return this.failed.length >= mostFailures ? 'enough' : undefined;
  }

  /** Which faults did not happen, and what they must not keep from happening: each is to be among so many clusters. */
  get missing(): string[] {
    return this.clusters < enoughSeeds ? [] : mustHappen.filter((what) => (this.seen[what] ?? 0) === 0);
  }
}
