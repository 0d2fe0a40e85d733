import { program, startRequest } from './start-request.ts';
import { context, testDriver } from './test-driver.ts';

/**
 * An initializer in the small, for tests that kill it: starts the program of its first argument in the namespace of its
 * second, says which process watches over it, and stays.
 */
const [source = '', namespace = ''] = process.argv.slice(2);
const driver = testDriver({ namespace });
await driver.start(startRequest(program(source)), context());
console.log('hosting');
setInterval(() => undefined, 2 ** 30);
