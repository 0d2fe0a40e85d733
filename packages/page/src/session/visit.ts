import type { PageDescription } from '@reveille/contracts';

/** Whom the page connects as, and to what; kept in its address so that it can be bookmarked. Never a token. */
export interface Visit {
  readonly entrypoint: string;
  readonly user: string;
  readonly tenant: string;
}

/** What the address asks for; the first entrypoint and the user and tenant `dev` where it says nothing. */
export function visitOf(search: string, { entrypoints }: PageDescription): Visit {
  const query = new URLSearchParams(search);
  return {
    entrypoint: query.get('entrypoint') || (entrypoints[0]?.name ?? ''),
    user: query.get('user') || 'dev',
    tenant: query.get('tenant') || 'dev',
  };
}

export function searchOf({ entrypoint, user, tenant }: Visit, auth: PageDescription['auth']): string {
  const query = new URLSearchParams({ entrypoint });
  if (auth === 'none' && (user !== 'dev' || tenant !== 'dev')) {
    query.set('user', user);
    query.set('tenant', tenant);
  }
  return `?${query}`;
}

/** @throws Error in words, when the server has no description of the page */
export async function describePage(): Promise<PageDescription> {
  const response = await fetch('./page.json', { cache: 'no-store' });
  if (!response.ok) throw new Error(`the server answered ${response.status} when it was asked what there is`);
  return (await response.json()) as PageDescription;
}
