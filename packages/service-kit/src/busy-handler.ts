import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Answers the probe of `idle.veto` in the catalog: 200 while something is under way (the idle stop is vetoed), 404 while nothing is.
 * When `isBusy` throws, the service cannot say that it is idle, so it counts as busy.
 */
export function busyHandler(isBusy: () => boolean): (request: IncomingMessage, response: ServerResponse) => void {
  return (_request, response) => {
    let busy = true;
    try {
      busy = isBusy();
    } catch (error) {
      console.error('reveille: isBusy failed, the idle stop is vetoed:', error);
    }
    response.writeHead(busy ? 200 : 404, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify({ busy }));
  };
}
