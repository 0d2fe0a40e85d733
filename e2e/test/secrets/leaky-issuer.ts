import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** An issuer that publishes its private key, once; from then on it is away. */
export async function leakyIssuer(path: string) {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: 'one', alg: 'ES256' };
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.writeHead(asked === 1 ? 200 : 500).end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const claims = (kid: string) => new SignJWT({ tenant: 'acme' }).setProtectedHeader({ alg: 'ES256', kid });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`,
    privateKey: String(jwk.d),
    tokenOf: (kid: string) => claims(kid).setSubject('ada').setExpirationTime('5m').sign(privateKey),
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
