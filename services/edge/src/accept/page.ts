import { type Catalog, displayName, type PageDescription } from '@reveille/contracts';
import { pageFiles, pageHeaders } from '@reveille/page';
import type { RequestHandler } from 'express';

/**
 * The page at `/`, its files, and `page.json`: what there is to connect to, going by the catalog of the moment.
 * @throws PageNotBuilt
 */
export async function servePage(of: { authenticated: boolean; catalog: () => Catalog }): Promise<RequestHandler> {
  const files = await pageFiles();
  return ({ method, path }, response, next) => {
    if (method !== 'GET' && method !== 'HEAD') return next();
    if (path === '/page.json') {
      const description = describe(of.catalog(), of.authenticated);
      return void response.set({ ...pageHeaders, 'cache-control': 'no-store' }).json(description);
    }
    const file = files.get(path);
    if (file === undefined) return next();
    const { type, body, cacheControl } = file;
    response.set({ ...pageHeaders, 'content-type': type, 'cache-control': cacheControl }).send(body);
  };
}

function describe({ entrypoints, services }: Catalog, authenticated: boolean): PageDescription {
  return {
    entrypoints: Object.entries(entrypoints).map(([name, { service, page }]) => ({
      name,
      title: displayName(name, {}),
      service: { service, name: displayName(service, services[service] ?? {}) },
      ...(page?.about === undefined ? {} : { about: page.about }),
      samples: page?.samples ?? [],
      cancel: page?.cancel ?? false,
    })),
    auth: authenticated ? 'token' : 'none',
  };
}
