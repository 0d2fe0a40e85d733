import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findAccess } from '../../src/kubernetes/find-access.ts';

let folder = '';
beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'access-'))));
afterEach(() => rm(folder, { recursive: true }));

const base64 = (text: string) => Buffer.from(text).toString('base64');

async function kubeconfig(user: object, cluster: object = {}): Promise<NodeJS.ProcessEnv> {
  const file = path.join(folder, 'config');
  const config = {
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'mine' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://api.test:6443', ...cluster } }],
    users: [{ name: 'u', user }],
  };
  await writeFile(file, JSON.stringify(config));
  return { KUBECONFIG: file };
}

describe('access to a cluster', () => {
  it('in a pod is its service account', async () => {
    for (const [file, text] of Object.entries({ token: 'secret\n', 'ca.crt': 'CA', namespace: 'space' }))
      await writeFile(path.join(folder, file), text);
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    expect(await findAccess(env, folder)).toEqual({
      ...{ server: new URL('https://[fd00::1]'), namespace: 'space', token: 'secret', tls: { ca: 'CA' } },
    });
  });

  it('in a pod without a token says how to mount it', async () => {
    const refused = findAccess({ KUBERNETES_SERVICE_HOST: '10.0.0.1' }, folder);
    await expect(refused).rejects.toThrow('automountServiceAccountToken: true');
  });

  it('by a kubeconfig is the client certificate of its user, in the namespace of its context', async () => {
    await writeFile(path.join(folder, 'ca.pem'), 'CA');
    const user = { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') };
    expect(await findAccess(await kubeconfig(user, { 'certificate-authority': 'ca.pem' }))).toEqual({
      ...{ server: new URL('https://api.test:6443'), namespace: 'mine', tls: { ca: 'CA', cert: 'CERT', key: 'KEY' } },
    });
  });

  it.each(['exec', 'auth-provider', 'password', 'as'])('by "%s" is refused in words', async (key) => {
    const refused = findAccess(await kubeconfig({ [key]: {} }));
    await expect(refused).rejects.toThrow(`has a user with "${key}"; this version knows token, tokenFile and client`);
  });

  it('by a file that is not there, and by several files, is refused in words', async () => {
    await expect(findAccess({ KUBECONFIG: path.join(folder, 'none') })).rejects.toThrow('cannot be read: ENOENT');
    await expect(findAccess({ KUBECONFIG: '/a:/b' })).rejects.toThrow('is a list of files');
  });
});
