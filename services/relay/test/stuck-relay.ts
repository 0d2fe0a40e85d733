import { connectBroker } from '@reveille/broker';

/** A relay that has read and never gets further. Says so, and waits to be killed. */
const [, , url = '', namespace = ''] = process.argv;
const broker = await connectBroker({ url, namespace });
await broker.journal.consume('stuck', async (entries) => {
  process.stdout.write(`read ${entries.length}\n`);
  await new Promise(() => undefined);
});
process.stdout.write('reading\n');
