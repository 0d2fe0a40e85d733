import type { DriverName, LedgerRecord } from '@reveille/contracts';
import { canLookFor, commandContextOf } from '@reveille/drivers';
import { type Driver, runNameOf, type StartRequest } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import { holdersOf, isOfOlderEntry } from '../stop/holders.ts';
import type { Subject } from '../subject/subject.ts';
import type { Access } from './watcher.ts';

/** How long the search for what runs may take, milliseconds. */
const findMs = 5000;

/** Sees what runs already through its driver. */
export function accessBy(of: {
  requestOf: (record: LedgerRecord, subject: Subject) => Promise<StartRequest>;
  driverOf: (subject: Subject) => Driver;
  drivers: ReadonlyMap<DriverName, Driver>;
  host: string;
  logger: Logger;
}): Access {
  return {
    async commandOf(record, subject) {
      return commandContextOf(await of.requestOf(record, subject), { port: record.endpoint?.port });
    },
    async find(record, subject) {
      if (record.host !== undefined && record.host !== of.host) return 'unseen';
      if (!canLookFor(subject.spec)) return 'unseen';
      try {
        const context = { signal: AbortSignal.timeout(findMs), progress: () => undefined };
        const isOlder = isOfOlderEntry(record, subject);
        const name = record.intent?.name ?? runNameOf(record);
        const [holder] = isOlder ? await holdersOf(of.drivers.values(), name, context.signal) : [of.driverOf(subject)];
        // Nobody here sees it under the driver that it was started by: whether it lives is for its probe to say.
        if (holder === undefined) return 'unseen';
        const found = await holder.adopt(await of.requestOf(record, subject), context);
        return found ?? (isOlder ? 'unseen' : 'gone');
      } catch (error) {
        of.logger.warn({ instance: record.instance, err: error }, 'what runs could not be looked for; it is probed');
        return 'unseen';
      }
    },
  };
}
