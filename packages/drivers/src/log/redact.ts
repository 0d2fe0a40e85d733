const REDACTED = '[redacted]';

/** Shorter values are no secrets, and would blot out half of a log. */
const MIN_SECRET_LENGTH = 6;

const SECRET_NAME = /KEY|TOKEN|SECRET|PASSWORD/i;

/**
 * The texts that must not show in a log of a process with this environment: the values of variables whose names tell it
 * (each line of a value of several lines, such as a PEM key), and passwords in URLs; as they are, and as they look inside
 * JSON or a URL. So with the secrets that the catalog names.
 */
export function secretsOf(environment: Readonly<Record<string, string>>, named: Iterable<string> = []): string[] {
  const values = Object.entries(environment).flatMap(([name, value]) =>
    SECRET_NAME.test(name) ? value.split(/\r?\n/) : passwordsIn(value),
  );
  for (const secret of named) values.push(...secret.split(/\r?\n/), ...passwordsIn(secret));
  const forms = values.flatMap((value) => [value, JSON.stringify(value).slice(1, -1), uriForm(value)]);
  return [...new Set(forms.map((form) => form.trim()))].filter((form) => form.length >= MIN_SECRET_LENGTH);
}

/** Replaces each of the secrets. The longest first, so that one that holds another goes as a whole. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  if (secrets.length === 0) return (text) => text;
  const longestFirst = secrets.toSorted((a, b) => b.length - a.length);
  const any = new RegExp(longestFirst.map((secret) => RegExp.escape(secret)).join('|'), 'g');
  return (text) => text.replace(any, REDACTED);
}

function passwordsIn(value: string): string[] {
  const password = value.includes('://') ? URL.parse(value)?.password : undefined;
  if (password === undefined || password === '') return [];
  return [password, uriDecoded(password)];
}

function uriForm(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

function uriDecoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value; // A bare per cent sign: it stands for itself.
  }
}
