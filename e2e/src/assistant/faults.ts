import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AssistantService } from './catalog.ts';

/** What can happen to a service instead of its start. */
export type Fault = 'exits' | 'hangs' | 'never ready';

/** From now on these services fail in this way when they start, and the others do not. */
export function setFaults(dir: string, faults: Partial<Record<AssistantService, Fault>>): void {
  writeFileSync(join(dir, 'faults.json'), JSON.stringify(faults));
}
