import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { AuthConfig } from '../../src/index.ts';

type Jwks = Extract<AuthConfig, { kind: 'jwks' }>;

export type Signer = { jwk: JWK; sign: (seconds?: number) => Promise<string> };

/** A key of an issuer, and tokens of it. */
export async function signer(kid: string, alg = 'ES256'): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const sign = (seconds = 60) =>
    new SignJWT({ tenant: 'acme' })
      .setProtectedHeader({ alg, kid })
      .setSubject('ada')
      .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
      .sign(privateKey);
  return { jwk: { ...(await exportJWK(publicKey)), kid, alg }, sign };
}

/** An issuer whose keys can be changed, who counts how often it is asked, and can be away in several ways. */
export class Issuer implements AsyncDisposable {
  keys: JWK[] = [];
  asked = 0;
  away: 'no' | '500' | 'not a key set' | 'not JSON' | 'silent' | 'cut off' = 'no';
  readonly #server = createServer((_, response) => {
    this.asked += 1;
    switch (this.away) {
      case 'no':
        return void response.end(JSON.stringify({ keys: this.keys }));
      case '500':
        return void response.writeHead(500).end(JSON.stringify({ keys: this.keys }));
      case 'not a key set':
        return void response.end('{"keys":"none today"}');
      case 'not JSON':
        return void response.end('<html>');
      case 'silent':
        return;
      case 'cut off':
        return void response.destroy();
    }
  });

  static async start(...keys: JWK[]): Promise<Issuer> {
    const issuer = new Issuer();
    issuer.keys = keys;
    await new Promise<void>((resolve) => issuer.#server.listen(0, '127.0.0.1', resolve));
    return issuer;
  }

  auth(more: Partial<Jwks> = {}): Jwks {
    const { port } = this.#server.address() as AddressInfo;
    return { kind: 'jwks', url: `http://127.0.0.1:${port}/jwks`, ...more };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
