import { createHash } from 'node:crypto';

/** Longest name that travels as it is; the thread service takes up to 300 characters. */
const MOST_CHARACTERS = 200;

/**
 * Whose thread it is, as the thread service wants to be told. Names may hold what headers cannot, so they are percent-encoded; a colon
 * occurs in no encoded name, so that the digest of a long one can never be the name of somebody else.
 */
export function ownerHeaders(of: { tenant: string; user: string }): Record<string, string> {
  return { 'x-reveille-tenant': headerText(of.tenant), 'x-reveille-user': headerText(of.user) };
}

function headerText(name: string): string {
  const encoded = encodeURIComponent(name.toWellFormed());
  if (encoded.length <= MOST_CHARACTERS) return encoded;
  return `sha256:${createHash('sha256').update(encoded).digest('hex')}`;
}
