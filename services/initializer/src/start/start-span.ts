import { type LedgerRecord, startSpanKey } from '@reveille/contracts';
import { ATTRIBUTE, promisedChild, type StartSpanOptions } from '@reveille/telemetry';

/**
 * The span of a claimed start. Its id is known beforehand to whoever takes over: should this process die, the relay writes it.
 * @param traceparent of the initialization; where it belongs to none one of its own, and `isRoot`
 * @param startTime epoch ms, before the claim
 */
export function startSpanOf(
  record: LedgerRecord,
  { traceparent, isRoot }: { traceparent: string; isRoot: boolean },
  startTime: number,
): StartSpanOptions {
  const { service, instance, generation, attempt, epoch } = record;
  const as = promisedChild(traceparent, startSpanKey(instance, epoch));
  return {
    parent: isRoot ? null : traceparent,
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
