import { type InstanceKey, origin } from '@reveille/contracts';
import type { Announcement, Interest, Reading } from '@reveille/orchestration';
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
  announced: string,
  announcedAt: string,
];

/** A lease that ran out no longer than `allowanceMs` ago still counts; the scripts have sorted the interest in this way. */
export function decodeReading(
  instance: InstanceKey,
  raw: unknown,
  { records, allowanceMs, isConfirmed }: { records: RecordReader; allowanceMs: number; isConfirmed: boolean },
): Reading {
  const [token, record, leaseOwner, leaseUntil, interest, nowText, nowUs, announced, announcedAt] = raw as RawReading;
  const now = Number(nowText);
  const until = Number(leaseUntil);
  return {
    instance,
    token: Number(token),
    record: records.read(instance, record),
    interest: pairs(interest),
    lease:
      leaseOwner !== '' && leaseUntil !== '' && until > now - allowanceMs ? { owner: leaseOwner, until } : undefined,
    ...announcement(announced, announcedAt),
    now,
    nowUs: Number(nowUs),
    ...(isConfirmed ? {} : { unconfirmed: true }),
  };
}

/** What another version or a stranger wrote there counts as nothing: whoever joins then begins an initialization of its own. */
function announcement(text: string, at: string): { announced?: Announcement } {
  if (text === '') return {};
  const read = origin.safeParse(jsonOf(text));
  return read.success ? { announced: { origin: read.data, at: Number(at) } } : {};
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pairs(flat: readonly string[]): Interest[] {
  const entries: Interest[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    entries.push({ edge: flat[at] as string, until: Number(flat[at + 1]) });
  }
  return entries;
}
