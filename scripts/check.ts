/**
 * Everything that CI runs, in order: `npm test`. Arguments go on to Vitest, so `npm test -- packages/contracts` runs all gates and
 * the tests of one package. A failure does not end the run early; the last line carries the counts.
 */
import { lintGates, passes, typecheckGates } from './check/gate.ts';
import { runTests } from './check/vitest.ts';

const failedGates = [...lintGates, ...typecheckGates].filter((gate) => !passes(gate));
const { passed, failed } = runTests(process.argv.slice(2));
if (failedGates.length > 0) console.log(`failed gates: ${failedGates.map((gate) => gate.name).join(', ')}`);
console.log(`${passed} passed, ${failed + failedGates.length} failed`);
if (failed + failedGates.length > 0) process.exitCode = 1;
