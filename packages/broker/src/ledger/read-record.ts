import { ledgerRecord, type InstanceKey, type LedgerRecord } from '@reveille/contracts';
import type { BrokerLogger } from '../logger.ts';

/** Instances whose foreign text is remembered; beyond it the oldest are forgotten, at the price of a second log line. */
const rememberedLimit = 1000;

/**
 * Reads stored records. A text that is no record of this instance in this version (corrupt, foreign, of a later version)
 * counts as absent; it is logged once, and a commit that replaces it keeps it aside.
 */
export class RecordReader {
  readonly #logger: BrokerLogger;
  readonly #foreign = new Map<InstanceKey, string>();

  constructor(logger: BrokerLogger) {
    this.#logger = logger;
  }

  read(instance: InstanceKey, text: string): LedgerRecord | undefined {
    if (text === '') return undefined;
    const reason = this.#reasonAgainst(instance, text);
    if (typeof reason !== 'string') {
      this.isRecord(instance);
      return reason;
    }
    if (this.#foreign.get(instance) !== text) {
      this.#logger.error(
        { instance, reason },
        'what is stored for this instance is no record of this version; it counts as absent',
      );
      this.#remember(instance, text);
    }
    return undefined;
  }

  /** What is stored of it is known to be one. */
  isRecord(instance: InstanceKey): void {
    this.#foreign.delete(instance);
  }

  /** Was the last thing read for this instance something that must be kept when it is replaced? */
  isForeign(instance: InstanceKey): boolean {
    return this.#foreign.has(instance);
  }

  /** The foreign text was replaced and kept aside. */
  replaced(instance: InstanceKey): void {
    if (this.#foreign.delete(instance)) {
      this.#logger.warn(
        { instance },
        'replaced what was no record; its text is kept in the field "foreign" of the same key',
      );
    }
  }

  #reasonAgainst(instance: InstanceKey, text: string): LedgerRecord | string {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return 'it is not JSON';
    }
    const parsed = ledgerRecord.safeParse(value);
    if (!parsed.success)
      return parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    return parsed.data.instance === instance ? parsed.data : 'it is the record of another instance';
  }

  #remember(instance: InstanceKey, text: string): void {
    if (this.#foreign.size >= rememberedLimit) {
      for (const oldest of this.#foreign.keys()) {
        this.#foreign.delete(oldest);
        break;
      }
    }
    this.#foreign.set(instance, text);
  }
}
