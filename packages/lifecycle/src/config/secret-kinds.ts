import { quote, setting, type Presence, type Setting, type ValueOf } from './setting.ts';

/** A text whose value never appears in a report; only its length does. `minBytes` counts UTF-8 bytes. */
export function secret<const O extends Presence<string> & { minBytes?: number }>(
  name: string,
  options?: O,
): Setting<ValueOf<string, O>> {
  const minBytes = options?.minBytes ?? 1;
  const parse = (raw: string): string | undefined => (Buffer.byteLength(raw) >= minBytes ? raw : undefined);
  const expected = minBytes > 1 ? `a secret of at least ${minBytes} bytes` : 'a secret';
  return setting(name, { expected, parse, describe: describeSecret }, options) as Setting<ValueOf<string, O>>;
}

/** How a refused secret is shown: its length alone. For kinds of one's own that hold secrets. */
export function describeSecret(raw: string): string {
  return `a value of ${Buffer.byteLength(raw)} bytes`;
}

/**
 * An absolute URL of one of the protocols (written with the colon: `redis:`). Its text is kept as it is, since Redis
 * URLs with several hosts are no WHATWG URLs. A user or password in it is never reported.
 */
export function url<const O extends Presence<string> & { protocols?: readonly string[] }>(
  name: string,
  options?: O,
): Setting<ValueOf<string, O>> {
  const protocols = options?.protocols;
  const parse = (raw: string): string | undefined => {
    const match = /^([a-z][a-z0-9+.-]*:)\/\/[^\s/?#]+\S*$/i.exec(raw);
    const protocol = match?.[1]?.toLowerCase();
    if (protocol === undefined || (protocols !== undefined && !protocols.includes(protocol))) return undefined;
    return splitsIntoUrls(raw) ? raw : undefined;
  };
  const expected =
    protocols === undefined ? 'a URL' : `a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`;
  return setting(name, { expected, parse, describe: describeUrl }, options) as Setting<ValueOf<string, O>>;
}

/** Each of `a://h1,h2/x` must be a URL by itself. */
function splitsIntoUrls(raw: string): boolean {
  const [, head = '', hosts = '', rest = ''] = /^([^:]+:\/\/(?:[^@/]*@)?)([^/?#]*)(.*)$/.exec(raw) ?? [];
  return hosts.split(',').every((host) => host !== '' && URL.canParse(`${head}${host}${rest}`));
}

/** Whatever stands before an `@` may be a password, also in a text that is no URL. */
function describeUrl(raw: string): string {
  const at = raw.lastIndexOf('@');
  if (at === -1) return quote(raw);
  const protocol = /^[a-z][a-z0-9+.-]*:\/\//i.exec(raw)?.[0] ?? '';
  return quote(`${protocol}[hidden]${raw.slice(at)}`);
}
