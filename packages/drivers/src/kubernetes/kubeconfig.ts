import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DriverError } from '@reveille/orchestration';
import type { Access } from './access.ts';

type Named<K extends string, T> = { name?: string } & { [key in K]?: T };
type Cluster = {
  server?: string;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
  'proxy-url'?: string;
};
type User = {
  token?: string;
  tokenFile?: string;
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  [unsupported: string]: unknown;
};
type Kubeconfig = {
  'current-context'?: string;
  contexts?: Named<'context', { cluster?: string; user?: string; namespace?: string }>[];
  clusters?: Named<'cluster', Cluster>[];
  users?: Named<'user', User>[];
};

/** What others offer and this version has no way to do. Ignoring it would prove somebody else, or nobody. */
const unsupported = ['exec', 'auth-provider', 'username', 'password', 'as', 'as-groups', 'as-uid'];

/**
 * Reads the current context: token, token file or client certificate. Relative paths start at the file.
 * @throws DriverError `driver_error` in the words of whoever keeps the file.
 */
export async function kubeconfigAccess(file: string): Promise<Access> {
  const refuse = (words: string, cause?: unknown): DriverError =>
    new DriverError('driver_error', `the kubeconfig ${file} ${words}`, { cause });
  if (file.split(path.delimiter).length > 1)
    throw refuse('is a list of files; this version reads one (kubectl config view --flatten makes it)');
  const at = (name: string): string => path.resolve(path.dirname(file), name);
  const read = (name: string): Promise<string> =>
    readFile(name, 'utf8').catch((error: unknown) => {
      throw refuse(`cannot be read: ${(error as Error).message}`, error);
    });
  const given = async (data: string | undefined, name: string | undefined): Promise<string | undefined> => {
    if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
    return name === undefined ? undefined : await read(at(name));
  };

  const config = await parse(await read(file), refuse);
  const current = config['current-context'];
  const context = config.contexts?.find(({ name }) => name === current)?.context;
  if (context === undefined) throw refuse(`has no context "${current ?? ''}" (current-context)`);
  const cluster = config.clusters?.find(({ name }) => name === context.cluster)?.cluster;
  const user = config.users?.find(({ name }) => name === context.user)?.user ?? {};
  const server = URL.parse(cluster?.server ?? '');
  if (cluster === undefined || server === null) throw refuse(`names no server for the context "${current}"`);
  if (cluster['proxy-url'] !== undefined) throw refuse('has a proxy-url, which this version cannot use');
  const other = unsupported.find((key) => user[key] !== undefined);
  if (other !== undefined)
    throw refuse(`has a user with "${other}"; this version knows token, tokenFile and client certificates`);

  const [ca, cert, key, fileToken] = await Promise.all([
    given(cluster['certificate-authority-data'], cluster['certificate-authority']),
    given(user['client-certificate-data'], user['client-certificate']),
    given(user['client-key-data'], user['client-key']),
    user.tokenFile === undefined ? undefined : read(at(user.tokenFile)),
  ]);
  const token = (fileToken ?? user.token)?.trim();
  const servername = cluster['tls-server-name'];
  return {
    server,
    namespace: context.namespace ?? 'default',
    ...(token === undefined ? {} : { token }),
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(servername === undefined ? {} : { servername }),
      ...(cluster['insecure-skip-tls-verify'] === true ? { rejectUnauthorized: false } : {}),
    },
  };
}

async function parse(text: string, refuse: (words: string, cause?: unknown) => DriverError): Promise<Kubeconfig> {
  // A deployment that starts nothing on Kubernetes does not load the parser.
  const yaml = await import('yaml');
  try {
    const config: unknown = yaml.parse(text);
    if (typeof config === 'object' && config !== null) return config;
  } catch (error) {
    throw refuse(`is no YAML: ${(error as Error).message}`, error);
  }
  throw refuse('is empty');
}
