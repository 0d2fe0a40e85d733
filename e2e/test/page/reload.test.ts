import { describe, expect, inject, test } from 'vitest';
import { Browser } from '../../src/page/browser.ts';
import { findChromium } from '../../src/page/find-chromium.ts';
import { Site } from '../../src/page/site.ts';

describe.runIf(findChromium() ?? process.env['CI'])('the page that is loaded again', { timeout: 240_000 }, () => {
  test('goes on with its session: what came meanwhile is shown, what cannot be shown is said', async () => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open();
    const { page } = browser;
    await site.letAllStart();
    await page.goto(site.url);
    const field = page.getByRole('textbox', { name: 'Message' });
    await field.fill('wait 1500');
    await page.keyboard.press('Enter');
    await page.getByText('Counting characters').waitFor();
    const note = page.locator('.note');
    const stored = () => page.evaluate('JSON.stringify([{ ...sessionStorage }, { ...localStorage }])');
    expect(await stored()).toBe('[{},{}]');

    await page.reload();
    await note.getByText(/^The session goes on\. What was said/).waitFor();
    await page.getByText('There are 9 characters').waitFor();
    await browser.shoot('reloaded');
    expect(await stored()).toBe('[{},{}]');
    expect(await browser.milestones()).toContainEqual(expect.stringMatching(/^The session goes on/));

    // Nor does another page of the same tab lose it.
    await page.goto('about:blank');
    await page.goto(site.url);
    await note.getByText(/^The session goes on\./).waitFor();
    await field.fill('as text');
    await page.keyboard.press('Enter');
    await page.getByText('Plain text and <b>no HTML</b>.').waitFor();
    expect(browser.complaints).toEqual([]);
  });

  test('begins anew when that is over, or when it is loaded as somebody else', async () => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open();
    const { page } = browser;
    await site.letAllStart();
    await page.goto(`${site.url}/?entrypoint=fleeting`);
    const line = page.locator('.line');
    await line.getByText('Ready').waitFor();
    await page.reload();
    await page.locator('.note', { hasText: 'the one from before the page was loaded again is over.' }).waitFor();
    await line.getByText('Ready').waitFor();
    await browser.shoot('reloaded-anew');

    await page.goto(`${site.url}/?entrypoint=chat&user=ann`);
    await line.getByText('Ready').waitFor();
    await page.goto(`${site.url}/?entrypoint=chat&user=bob`);
    await line.getByText('Ready').waitFor();
    await page.getByText('bob at dev').waitFor();
    expect(await page.locator('.note').count()).toBe(0);
    expect(browser.complaints).toEqual([]);
  });
});
