import type { Progress } from '@reveille/contracts';
import { describe, expect, it, vi } from 'vitest';
import { scaleRequest } from '../support/kubernetes/scale-request.ts';
import { withCluster } from '../support/kubernetes/with-cluster.ts';
import { context, line, never } from '../support/test-driver.ts';

const soon = { timeout: 10_000 };
const away = 'the API server of the cluster cannot be reached, asking again';

describe('while the API server refuses connections', () => {
  it('a start says at once that it cannot be reached, a stop is not confirmed, and both are good later', async () => {
    await using cluster = await withCluster();
    const { server, driver } = cluster;
    const asked = scaleRequest(server);
    await server.goAway();
    await expect(driver.start(asked, context())).rejects.toMatchObject({
      code: 'driver_error',
      message: expect.stringMatching(/^the API server at http:.* cannot be reached: .*ECONNREFUSED/),
    });
    expect(await driver.stop(asked, { graceMs: 0, signal: never() })).toMatchObject({
      ...{ stopped: false, reason: expect.stringContaining('cannot be reached') },
    });
    await server.comeBack();
    await line(await driver.start(asked, context()), /begun/);
    expect(await driver.stop(asked, { graceMs: 100, signal: never() })).toEqual({ stopped: true });
  });

  it('a start that is under way says so, and goes on when it is back', async () => {
    await using cluster = await withCluster();
    const { server, driver } = cluster;
    const said: Progress[] = [];
    const hears = (words: string) =>
      vi.waitFor(() => expect(said.map(({ detail }) => detail)).toContainEqual(expect.stringContaining(words)), soon);
    const started = driver.start(
      scaleRequest(server, { image: 'unready' }),
      context({ progress: (step) => said.push(step) }),
    );
    started.catch(() => undefined);
    await hears('the pod runs, but is not ready');
    await server.goAway();
    await hears(away);
    // What happens meanwhile is told to nobody.
    server.store.update('pods', 'home', server.podName(), ({ status = {} }) => {
      status['conditions'] = [{ type: 'Ready', status: 'True' }];
    });
    await server.comeBack();
    await line(await started, /begun/);
  });

  it('a start that has not asked for its pods yet goes on when it is back', async () => {
    await using cluster = await withCluster();
    const { server, driver } = cluster;
    const said: Progress[] = [];
    // When the record of the run has been written.
    server.onAsked = (what) => what === 'create configmaps' && void server.goAway();
    const started = driver.start(scaleRequest(server), context({ progress: (step) => said.push(step) }));
    started.catch(() => undefined);
    await vi.waitFor(() => expect(said.map(({ detail }) => detail)).toContain(away), soon);
    server.onAsked = undefined;
    await server.comeBack();
    await line(await started, /begun/);
  });

  it('a start fails at its deadline with what stood in its way', async () => {
    await using cluster = await withCluster();
    const { server, driver } = cluster;
    const deadline = new AbortController();
    const progress = ({ detail }: Progress): void => {
      if (detail === away) deadline.abort(new DOMException('the deadline is over', 'TimeoutError'));
    };
    server.onAsked = (what) => what === 'create configmaps' && void server.goAway();
    const started = driver.start(scaleRequest(server), context({ progress, signal: deadline.signal }));
    await expect(started).rejects.toMatchObject({
      code: 'driver_error',
      message: expect.stringMatching(/^the API server at http:.* cannot be reached/),
    });
    await server.comeBack();
  });

  it('a run is not over, and its end is noticed when it is back', async () => {
    await using cluster = await withCluster();
    const { server, driver } = cluster;
    const asked = scaleRequest(server);
    const running = await driver.start(asked, context());
    await line(running, /begun/);
    let isOver = false;
    void running.exited.then(() => (isOver = true));
    await server.goAway();
    await expect(driver.list(never())).rejects.toThrow('cannot be reached');
    server.node.kill('home', server.podName(), 'OOMKilled');
    await vi.waitFor(() =>
      expect(server.store.list('pods', 'home')[0]?.status).toMatchObject({ containerStatuses: [{ lastState: {} }] }),
    );
    expect(isOver).toBe(false);
    await server.comeBack();
    expect(await running.exited).toMatchObject({ code: 137, why: expect.stringContaining('memory') });
    expect(running.logs()).toEqual(['begun']);
  });
});
