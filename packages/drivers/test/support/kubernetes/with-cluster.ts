import { randomUUID } from 'node:crypto';
import { createKubernetesDriver } from '../../../src/index.ts';
import { quiet } from '../test-driver.ts';
import { TestApiServer } from './test-api-server.ts';

/** A cluster of the test and two drivers of one deployment in it. */
export async function withCluster() {
  const server = await TestApiServer.start();
  const options = { namespace: randomUUID(), logger: quiet, env: server.env };
  const driver = createKubernetesDriver(options);
  const another = createKubernetesDriver(options);
  return {
    ...{ server, driver, another, options },
    /** What is left in the cluster of what a driver makes. */
    left: () => ['configmaps', 'secrets', 'pods'].flatMap((plural) => server.store.list(plural, 'home')),
    async [Symbol.asyncDispose]() {
      await another[Symbol.asyncDispose]();
      await driver[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
