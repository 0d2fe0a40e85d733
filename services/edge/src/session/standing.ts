import type { Principal, RefusalCode } from '@reveille/contracts';
import { type Authenticate, type Authenticated, errorOf } from '../accept/authenticate.ts';
import type { Outbox } from './outbox.ts';
import { TokenExpiry } from './token-expiry.ts';

type NotRenewed = { readonly code: RefusalCode; readonly message: string; readonly retryAfterMs?: number };

/** Who the user of a session is, for as long as the token says so; renewed in the session, for nobody else. */
export class Standing implements Disposable {
  readonly #authenticate: Authenticate | undefined;
  readonly #expiry: TokenExpiry;
  #principal: Principal;
  #renewing = false;
  #over = false;

  constructor(who: Authenticated, authenticate: Authenticate | undefined, outbox: Outbox) {
    const { expiresAt, ...principal } = who;
    this.#principal = principal;
    this.#authenticate = authenticate;
    this.#expiry = new TokenExpiry(outbox, expiresAt);
  }

  get principal(): Principal {
    return this.#principal;
  }

  /** Whether the user may be heard at this moment; closes the session of one who may not. */
  holds(): boolean {
    return this.#expiry.holds();
  }

  /** Undefined: renewed, with the roles of the new token. One at a time: to check a signature costs more than to ask for it. */
  async renew(token: string): Promise<NotRenewed | undefined> {
    if (this.#authenticate === undefined)
      return { code: 'not_ready', message: 'Without authentication no token is needed.' };
    if (this.#renewing) return { code: 'rate_limited', message: 'A token is being checked already.' };
    this.#renewing = true;
    const renewed = await this.#authenticate(token);
    this.#renewing = false;
    if ('refused' in renewed) return errorOf(renewed, 'token');
    const { user, tenant } = this.#principal;
    if (renewed.user !== user || renewed.tenant !== tenant)
      return { code: 'bad_frame', message: 'The token is of another user or tenant.' };
    const { expiresAt, ...principal } = renewed;
    this.#principal = principal;
    if (!this.#over) this.#expiry.set(expiresAt);
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#expiry[Symbol.dispose]();
  }
}
