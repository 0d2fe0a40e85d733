import { describe, expect, inject, test } from 'vitest';
import { Browser } from '../../src/page/browser.ts';
import { findChromium } from '../../src/page/find-chromium.ts';
import { Site } from '../../src/page/site.ts';

describe.runIf(findChromium() ?? process.env['CI'])('the page that gets no connection', { timeout: 240_000 }, () => {
  test('says so when the edge is away from the beginning, and connects by itself when it is there', async () => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open();
    const { page } = browser;
    await site.letAllStart();
    let away = true;
    await page.route('**/page.json', (route) => (away ? route.abort() : route.continue()));
    await page.goto(site.url);
    await page.getByRole('heading', { name: 'The server cannot be reached.' }).waitFor();
    await browser.shoot('unreachable');
    away = false;
    let closed = true;
    await page.routeWebSocket(/\/v1\/connect\//, (socket) => void (closed ? socket.close() : socket.connectToServer()));
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Connecting' }).waitFor();
    await page.getByText('The server does not answer yet; trying again.').waitFor();
    await page.getByRole('textbox', { name: 'Message' }).fill('as text');
    await page.keyboard.press('Enter');
    await page.getByText('Waits for the connection').waitFor();
    await browser.shoot('not-connected');
    closed = false;
    await page.getByText('Plain text and <b>no HTML</b>.').waitFor();
  });

  test('says that there are too many of one user, and connects once another one is closed', async () => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open();
    const { page } = browser;
    await site.letAllStart();
    const tabs = [];
    for (let tab = 0; tab < 3; tab += 1) {
      const another = await page.context().newPage();
      tabs.push(another);
      await another.goto(`${site.url}/?entrypoint=fleeting`);
      await another.locator('.line').getByText('Ready').waitFor();
    }
    await page.goto(`${site.url}/?entrypoint=fleeting`);
    await page.getByRole('heading', { name: 'You have too many connections open.' }).waitFor();
    expect((await browser.milestones()).at(-1)).toMatch(/^You have too many connections open\. Close another tab/);
    await browser.shoot('too-many-tabs');
    await tabs[0]?.close();
    await expect
      .poll(async () => {
        const again = page.getByRole('button', { name: 'Connect again' });
        if (await again.isVisible()) await again.click();
        return page.locator('.line').textContent();
      })
      .toContain('Ready');
    expect(browser.complaints).toEqual([]);
  });
});
