import { describe, expect, it } from 'vitest';
import { driverConformance } from '../../src/index.ts';
import { scaleRequest } from '../support/kubernetes/scale-request.ts';
import { withCluster } from '../support/kubernetes/with-cluster.ts';

describe('the kubernetes driver, scaling', () => {
  const cases = driverConformance(async () => {
    const cluster = await withCluster();
    return {
      ...cluster,
      // A workload for each generation: two of them run side by side.
      request: (program, generation) =>
        scaleRequest(cluster.server, { program, generation, name: `subject-${program}-${generation}` }),
    };
  });
  it.each(cases)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
