import type { RequestListener } from 'node:http';
import { busyHandler } from '@reveille/service-kit';

interface Parts {
  isBusy: () => boolean;
  /** Asks for real, each time. */
  isReady: () => Promise<boolean>;
}

/** What probes ask for; sessions come by upgrade. */
export function createApi({ isBusy, isReady }: Parts): RequestListener {
  const busy = busyHandler(isBusy);
  return (request, response) => {
    const json = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(JSON.stringify(body));
    };
    switch (new URL(request.url ?? '/', 'http://bridge').pathname) {
      case '/livez':
        return json(200, { live: true });
      case '/busy':
        return busy(request, response);
      case '/readyz':
        return void isReady().then((ready) =>
          json(ready ? 200 : 503, ready ? { ready } : { ready, reason: 'The agent supervisor is not ready.' }),
        );
      default:
        return json(404, {
          error: { code: 'not_found', message: 'There is nothing at this path. Sessions are at /session.' },
        });
    }
  };
}
