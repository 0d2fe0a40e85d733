/** Everything that can be said about the code without running it: `npm run lint`. */
import { lintGates, passes } from './check/gate.ts';

const failed = lintGates.filter((gate) => !passes(gate));
if (failed.length > 0) process.exitCode = 1;
