import { randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, inject, test } from 'vitest';
import { Browser } from '../../src/page/browser.ts';
import { findChromium } from '../../src/page/find-chromium.ts';
import { Site } from '../../src/page/site.ts';

describe.runIf(findChromium() ?? process.env['CI'])(
  'the page at an edge that wants to know who it is',
  { timeout: 240_000 },
  () => {
    test('it asks for a token, says why one is refused, and goes on with a good one', async () => {
      const secret = randomBytes(32).toString('hex');
      await using site = await Site.open(inject('redisUrl'), { REVEILLE_AUTH: 'jwt', REVEILLE_JWT_SECRET: secret });
      await using browser = await Browser.open();
      const { page } = browser;
      await site.letAllStart();
      await page.goto(site.url);
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await browser.shoot('sign-in');
      const field = page.getByLabel('Token');
      await field.fill('not a token');
      await page.getByRole('button', { name: 'Connect' }).click();
      await page.getByText('The token was refused: the token cannot be read.').waitFor();
      await browser.shoot('sign-in-refused');

      const token = await new SignJWT({ tenant: 'acme' })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject('ann')
        .setExpirationTime('5 minutes')
        .sign(new TextEncoder().encode(secret));
      await field.fill(token);
      await page.getByRole('button', { name: 'Connect' }).click();
      await page.getByText('ann at acme').waitFor();
      await page.getByText(/^Ready\. 3 services took/).waitFor();
      expect(page.url()).not.toContain(token);
      expect(browser.complaints).toEqual([]);
    });
  },
);
