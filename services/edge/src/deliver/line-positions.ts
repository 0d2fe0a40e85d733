import type { InstanceKey, LedgerRecord } from '@reveille/contracts';
import type { WakeUps } from '@reveille/orchestration';

/** Instances whose number is asked for at a time; users of further ones are told that they wait, without a number. */
const askedAtOnce = 1000;

/**
 * The numbers in line of queued instances that users of this edge wait for, as they were last asked for. Others may have come in between
 * since: a number may also rise, when tenants come that have had no turn yet.
 */
export class LinePositions {
  readonly #wakeUps: Pick<WakeUps, 'positions'>;
  /** Of the instances asked for last: no others are kept. */
  #known: ReadonlyMap<InstanceKey, { attempt: string; position: number }> = new Map();

  constructor(wakeUps: Pick<WakeUps, 'positions'>) {
    this.#wakeUps = wakeUps;
  }

  /** Of this attempt, and only while it is queued. */
  of = (record: LedgerRecord): number | undefined => {
    const known = this.#known.get(record.instance);
    return record.state === 'queued' && known?.attempt === attemptOf(record) ? known.position : undefined;
  };

  /**
   * Asks anew: one round trip for all, none when nothing is queued. Resolves with the instances whose number is another one now.
   * @throws BrokerUnavailable
   */
  async refresh(records: readonly LedgerRecord[]): Promise<ReadonlySet<InstanceKey>> {
    const queued = new Map(
      records.filter(({ state }) => state === 'queued').map((record) => [record.instance, record]),
    );
    const asked = [...queued.keys()].slice(0, askedAtOnce);
    const found = asked.length === 0 ? new Map<InstanceKey, number>() : await this.#wakeUps.positions(asked);
    const before = this.#known;
    this.#known = new Map(
      [...found].flatMap(([instance, position]) => {
        const record = queued.get(instance);
        return record === undefined ? [] : [[instance, { attempt: attemptOf(record), position }] as const];
      }),
    );
    const changed = [...this.#known].filter(([instance, now]) => {
      const was = before.get(instance);
      return was?.position !== now.position || was.attempt !== now.attempt;
    });
    return new Set(changed.map(([instance]) => instance));
  }
}

function attemptOf({ generation, attempt }: LedgerRecord): string {
  return `${generation}.${attempt}`;
}
