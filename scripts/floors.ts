/**
 * Holds the imports against the floors of ARCHITECTURE.md. `turbo boundaries` cannot do it: it wants every test to declare the
 * tools of the root (vitest, fast-check) anew, and it knows neither `node:*` nor which outside packages a room may use.
 */
import { inspectFloors } from './floors/inspect.ts';

const { refusals, rooms, files, imports } = inspectFloors(`${import.meta.dirname}/..`);
for (const { rule, where, message } of refusals) console.error(`${where}  ${message} [${rule}]`);
console.log(`floors: ${imports} imports in ${files} files of ${rooms} rooms, ${refusals.length} refused`);
if (refusals.length > 0 || imports === 0) process.exitCode = 1;
