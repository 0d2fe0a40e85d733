import type { InstanceKey } from '@reveille/contracts';
import type { Interest, Reading } from '@reveille/orchestration';
import type { RecordReader } from './read-record.ts';

/** What the reading function of the scripts returns. */
type RawReading = [
  token: string,
  record: string,
  leaseOwner: string,
  leaseUntil: string,
  interest: string[],
  now: string,
  nowUs: string,
];

/** A lease that ran out no longer than `allowanceMs` ago still counts; the scripts have sorted the interest in this way. */
export function decodeReading(
  instance: InstanceKey,
  raw: unknown,
  { records, allowanceMs }: { records: RecordReader; allowanceMs: number },
): Reading {
  const [token, record, leaseOwner, leaseUntil, interest, nowText, nowUs] = raw as RawReading;
  const now = Number(nowText);
  const until = Number(leaseUntil);
  return {
    instance,
    token: Number(token),
    record: records.read(instance, record),
    interest: pairs(interest),
    lease:
      leaseOwner !== '' && leaseUntil !== '' && until > now - allowanceMs ? { owner: leaseOwner, until } : undefined,
    now,
    nowUs: Number(nowUs),
  };
}

function pairs(flat: readonly string[]): Interest[] {
  const entries: Interest[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    entries.push({ edge: flat[at] as string, until: Number(flat[at + 1]) });
  }
  return entries;
}
