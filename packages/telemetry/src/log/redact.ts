const REDACTED = '[redacted]';

/** Names that end so hold secrets, in any case and any style of joining words. */
const SECRET_NAME = String.raw`(?:authorization|cookie|password|passwd|secret|token|credentials?|api_?key|[a-z0-9]Key|[_-]key)`;

/** Names that end like secrets and are none: identifiers of the protocol and the halves of keys that are public. */
const PUBLIC_NAMES = new Set(['scopekey', 'publickey', 'public_key', 'idempotencykey', 'partitionkey']);

const JSON_STRING = String.raw`"(?:[^"\\]|\\.)*"`;

/** A JSON member whose name tells a secret; its value is a string or an array of strings. */
const JSON_MEMBER = new RegExp(`"([\\w.-]*?${SECRET_NAME})":\\s?(?:${JSON_STRING}|\\[(?:${JSON_STRING},?)*\\])`, 'gi');

/** The same within a JSON string, as when a message quotes a body. */
const QUOTED_MEMBER = new RegExp(`\\\\"([\\w.-]*?${SECRET_NAME})\\\\":\\s?\\\\"[^"\\\\]*\\\\"`, 'gi');

/** `NAME=value`, in command lines, environment listings and query strings. */
const ASSIGNMENT = new RegExp(`(?<![\\w.-])([\\w.-]*?${SECRET_NAME})=(?!")[^\\s&"'\\\\,;]+`, 'gi');

/** Secrets that are known by their own form, wherever they stand. */
const BY_FORM: readonly (readonly [RegExp, string])[] = [
  [/(?<![a-z0-9+.-])([a-z][a-z0-9+.-]*:\/\/[^\s:@/"\\]*):[^\s@/"\\]+@/gi, `$1:${REDACTED}@`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{16,}/gi, `$1 ${REDACTED}`],
  [/(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, REDACTED],
  // Up to its end, or as far as the string goes that it is in.
  [/-----BEGIN ([A-Z ]*PRIVATE KEY)-----(?:[^"\\]|\\[^"])*?(?:-----END \1-----|(?=\\?"|$))/g, REDACTED],
];

/**
 * Replaces what is a secret by its name or its form. Works on text, so that it sees everything that leaves the process:
 * bindings, messages, stacks, lines of started services. It is a net, not a licence to log secrets.
 */
export function redactSecrets(text: string): string {
  let redacted = text
    .replace(JSON_MEMBER, (member: string, name: string) => (isPublic(name) ? member : `"${name}":"${REDACTED}"`))
    .replace(QUOTED_MEMBER, (whole: string, name: string) =>
      isPublic(name) ? whole : `\\"${name}\\":\\"${REDACTED}\\"`,
    )
    .replace(ASSIGNMENT, (whole: string, name: string) => (isPublic(name) ? whole : `${name}=${REDACTED}`));
  for (const [form, replacement] of BY_FORM) redacted = redacted.replace(form, replacement);
  return redacted;
}

function isPublic(name: string): boolean {
  return PUBLIC_NAMES.has(name.toLowerCase());
}
