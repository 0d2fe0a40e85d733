import { type LedgerRecord, startSpanKey } from '@reveille/contracts';
import { ATTRIBUTE, promisedChild, type StartSpanOptions } from '@reveille/telemetry';

/**
 * The span of a claimed start. Its id is known beforehand to whoever takes over: should this process die, the relay writes it.
 * @param startTime epoch ms, before the claim
 */
export function startSpanOf(record: LedgerRecord, parent: string, startTime: number): StartSpanOptions {
  const { service, instance, generation, attempt, epoch } = record;
  const as = promisedChild(parent, startSpanKey(instance, epoch));
  return {
    parent,
    startTime,
    ...(as === undefined ? {} : { as }),
    attributes: {
      [ATTRIBUTE.service]: service,
      [ATTRIBUTE.instance]: instance,
      [ATTRIBUTE.generation]: generation,
      [ATTRIBUTE.attempt]: attempt,
    },
  };
}
