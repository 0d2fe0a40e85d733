import { DriverError } from '@reveille/orchestration';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

/** What is asked for, in the words of a Role. */
export type Ask = { verb: Verb; resource: string; group: string; namespace: string };

/** The API server answered with a status of 400 or more. `message` and `reason` are its own. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  readonly status: number;
  readonly reason: string;
  readonly ask: Ask;
  constructor(ask: Ask, status: number, message: string, reason = '') {
    super(message);
    this.ask = ask;
    this.status = status;
    this.reason = reason;
  }
}

export function isStatus(error: unknown, ...statuses: number[]): error is ApiRefusal {
  return error instanceof ApiRefusal && statuses.includes(error.status);
}

/** A refusal that nobody here can work around, with its remedy. */
export function refusalWords(refusal: ApiRefusal): DriverError {
  const { ask, status, message } = refusal;
  const fail = (code: DriverError['code'], words: string): DriverError =>
    new DriverError(code, words, { cause: refusal });
  if (status === 401)
    return fail(
      'driver_error',
      `the API server does not know this initializer (its token or certificate is expired or wrong): ${message}`,
    );
  if (status === 403 && /exceeded quota/.test(message))
    return fail('quota_exceeded', quotaWords(ask.namespace, message));
  if (status === 403 && /is forbidden: User |cannot \w+ resource/.test(message)) {
    const group = ask.group === '' ? 'the core API group' : `the API group "${ask.group}"`;
    const words = `the initializer may not ${ask.verb} ${ask.resource} in the namespace "${ask.namespace}"; grant its service account the verb "${ask.verb}" on "${ask.resource}" of ${group} there`;
    return fail('forbidden_by_cluster', `${words}: ${message}`);
  }
  if (status === 403)
    return fail('forbidden_by_cluster', `the cluster does not allow it (an admission policy): ${message}`);
  if (status === 404 && /namespaces? ".*" not found/.test(message))
    return fail('driver_error', `there is no namespace "${ask.namespace}": ${message}`);
  if (status === 422 || status === 400) return fail('driver_error', `the cluster refuses the object: ${message}`);
  return fail(
    'driver_error',
    `the API server refused to ${ask.verb} ${ask.resource} in "${ask.namespace}" (${status}): ${message}`,
  );
}

export function quotaWords(namespace: string, message: string): string {
  return `the quota of the namespace "${namespace}" is used up; raise its ResourceQuota or stop something there: ${message}`;
}
