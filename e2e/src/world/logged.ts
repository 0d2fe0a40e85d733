import type { LogLine } from '../deployables.ts';
import { eventually } from './eventually.ts';
import type { Placed } from './fault-world.ts';

/** Waits for a log line. */
export async function logged({ deployable }: Placed, part: RegExp): Promise<LogLine> {
  const find = (): LogLine | undefined => deployable.log.find((line) => part.test(line.msg));
  await eventually(() => find() !== undefined, `nothing was logged of: ${part.source}`);
  return find() as LogLine;
}
