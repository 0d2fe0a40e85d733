import { userInfo } from 'node:os';
import type { ProblemCode } from '@reveille/admin';
import type { CliContext } from '../cli/context.ts';
import { exitCodes } from '../cli/exit-code.ts';
import { CliRefusal } from '../cli/refusal.ts';
import { type DevPlace, findDev } from '../dev/find-dev.ts';

/** Where the admin API is and how one gets in. */
export type AdminOptions = DevPlace & { readonly admin?: string; readonly token?: string };

/** How long one request may take, milliseconds. */
const requestMs = 30_000;

/** Why the API did not do something. */
export class AdminRefusal extends CliRefusal {
  readonly problem: ProblemCode;
  constructor(problem: ProblemCode, words: string) {
    super(words, problem === 'unauthorized' || problem === 'bad_request' ? exitCodes.usage : exitCodes.failed);
    this.problem = problem;
  }
}

/** Speaks with the admin API of a relay or a running `dev`. */
export class AdminClient {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url.replace(/\/+$/, '');
    this.#token = token;
  }

  /** @throws AdminRefusal in the words of the API; CliRefusal when nobody answers there */
  async get<T>(path: string, query: Record<string, string> = {}): Promise<T> {
    const text = new URLSearchParams(query).toString();
    return this.#ask<T>(`${path}${text === '' ? '' : `?${text}`}`, { method: 'GET' });
  }

  /** @throws as `get` does */
  async post<T>(path: string, body: object): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    return this.#ask<T>(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  async #ask<T>(path: string, init: { method: string; headers?: Record<string, string>; body?: string }): Promise<T> {
    let response: Response;
    try {
      response = await fetch(`${this.#url}${path}`, {
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${this.#token}`, 'x-reveille-operator': operator() },
        redirect: 'error',
        signal: AbortSignal.timeout(requestMs),
      });
    } catch (error) {
      const words = `no admin API answers at ${this.#url}.`;
      throw new CliRefusal(words, exitCodes.unreachable, { cause: error });
    }
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok) return answer as T;
    const problem = (answer as { error?: { code: ProblemCode; message: string; details?: string[] } } | undefined)
      ?.error;
    if (problem === undefined)
      throw new CliRefusal(`${this.#url} answers ${response.status}, and not as an admin API.`, exitCodes.failed);
    if (problem.code === 'broker_unavailable') throw new CliRefusal(problem.message, exitCodes.unreachable);
    throw new AdminRefusal(
      problem.code,
      [problem.message, ...(problem.details ?? []).map((one) => `  ${one}`)].join('\n'),
    );
  }
}

/** The API that is named, else that of the `dev` beside the catalog. @throws CliRefusal in words when there is none */
export async function openAdmin(options: AdminOptions, { cwd }: CliContext): Promise<AdminClient> {
  if (options.admin !== undefined) {
    if (options.token === undefined)
      throw new CliRefusal('the admin API asks for a token: set REVEILLE_ADMIN_TOKEN, or give --token.');
    return new AdminClient(options.admin, options.token);
  }
  const run = await findDev(options, cwd);
  if (run?.adminUrl === undefined || run.adminToken === undefined)
    throw new CliRefusal(
      'no admin API: REVEILLE_ADMIN_URL is not set, and no `reveille dev` was found.\n' +
        'Start one, or say where it is: --catalog FILE (of a running dev), or --admin http://relay:PORT',
    );
  return new AdminClient(run.adminUrl, options.token ?? run.adminToken);
}

function operator(): string {
  try {
    return `${userInfo().username} (reveille)`;
  } catch {
    // A user without an entry in the password file, as in containers.
    return 'reveille';
  }
}
