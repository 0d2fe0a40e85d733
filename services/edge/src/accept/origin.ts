import type { Entrypoint } from '@reveille/contracts';

/**
 * May a page of this origin connect? Only browsers send one, and only they need the check: they carry a user's standing to
 * any address that a page names. Without authentication a page from elsewhere would talk to the developer's own services,
 * so then only pages served from loopback may, unless the entrypoint lists others.
 */
export function originAllowed(
  origin: string | undefined,
  { allowedOrigins }: Pick<Entrypoint, 'allowedOrigins'>,
  authenticated: boolean,
): boolean {
  if (origin === undefined) return true;
  if (allowedOrigins !== undefined) return allowedOrigins.includes(origin);
  return authenticated || isLoopback(origin);
}

function isLoopback(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(origin).hostname);
}
