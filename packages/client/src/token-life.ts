/**
 * How long a JWT is still valid, in milliseconds by the clock of this machine; undefined when it does not say, or is none. Nothing is
 * verified here: that is the edge's to do. A clock that contradicts the token is wrong; then it counts as made just now.
 */
export function tokenLifeMs(token: string, now: number = Date.now()): number | undefined {
  const { exp, iat } = claimsOf(token);
  if (!isSeconds(exp)) return undefined;
  const leftMs = exp * 1000 - now;
  if (!isSeconds(iat)) return leftMs > 0 ? leftMs : undefined;
  const wholeMs = (exp - iat) * 1000;
  return leftMs > 0 && leftMs <= wholeMs ? leftMs : wholeMs;
}

function claimsOf(token: string): { exp?: unknown; iat?: unknown } {
  try {
    const base64 = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const claims: unknown = JSON.parse(atob(base64));
    return typeof claims === 'object' && claims !== null ? claims : {};
  } catch {
    // Whatever it is, the edge judges it; here it only has no end that could be known.
    return {};
  }
}

function isSeconds(claim: unknown): claim is number {
  return typeof claim === 'number' && Number.isFinite(claim);
}
