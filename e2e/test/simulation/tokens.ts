import type { SessionsParts } from '@reveille/edge';
import type { Person } from './catalog.ts';
import type { Random } from './random.ts';
import type { SimProcess } from './sim-process.ts';

/** How long a token lasts, seconds, and how many are all that their users ever get. */
const lifeSeconds = [5, 30] as const;
const onlyOne = 0.15;

/** What users show to edges, and when it ends, epoch milliseconds. */
export type Pass = { readonly token: string | (() => string); readonly endsAt: () => number };

/** Whoever issues tokens. Their signatures are not simulated, only how long they last: they are checked in another thread. */
export class Tokens {
  /** Share of questions that get no answer. */
  frailty = 0.3;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  passFor(person: Person): Pass {
    let last = 0;
    const issue = (): string => {
      const exp = Math.ceil(Date.now() / 1000) + this.#random.between(...lifeSeconds);
      last = Math.max(last, exp * 1000);
      const { user, tenant } = person;
      return `none.${Buffer.from(JSON.stringify({ user, tenant, exp })).toString('base64url')}.none`;
    };
    const ask = (): string => {
      if (this.#random.chance(this.frailty)) throw new Error('no token at the moment');
      return issue();
    };
    return { token: this.#random.chance(onlyOne) ? issue() : ask, endsAt: () => last };
  }

  /** As an edge judges them. */
  judgeIn(process: SimProcess): NonNullable<SessionsParts['authenticate']> {
    return async (token) => {
      await process.pass();
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims;
      const { user, tenant, exp } = claims;
      if (exp * 1000 <= Date.now()) return { refused: 'the token has expired' };
      return { user, tenant, roles: [], expiresAt: exp * 1000 };
    };
  }
}

type Claims = { readonly user: string; readonly tenant: string; readonly exp: number };
