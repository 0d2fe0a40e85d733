import { describe, expect, inject, test } from 'vitest';
import type { Locator } from 'playwright-core';
import { Browser } from '../../src/page/browser.ts';
import { findChromium } from '../../src/page/find-chromium.ts';
import { Site } from '../../src/page/site.ts';

/** Is it within the part of the page that is seen, with nothing over it? */
function inView(locator: Locator): Promise<boolean> {
  return locator.evaluate((element) => {
    const { document } = globalThis as unknown as { document: { elementFromPoint(x: number, y: number): unknown } };
    const { x, y } = (
      element as unknown as { getBoundingClientRect(): { x: number; y: number } }
    ).getBoundingClientRect();
    return document.elementFromPoint(x + 2, y + 8) === element;
  });
}

describe.runIf(findChromium() ?? process.env['CI'])('the page when something is lost', { timeout: 240_000 }, () => {
  test('a service that dies in the middle of an answer is shown starting again above the conversation, and what it may cost is named', async () => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open();
    const { page } = browser;
    await site.letAllStart();
    await page.goto(site.url);
    const field = page.getByRole('textbox', { name: 'Message' });
    await field.fill('as text');
    await page.keyboard.press('Enter');
    await page.getByText('Plain text and <b>no HTML</b>.').waitFor();
    await field.fill('die');
    await page.keyboard.press('Enter');
    await page.getByText(/^Interrupted: it may not be answered/).waitFor();
    await page.getByRole('heading', { name: 'The service was lost and is being started again' }).waitFor();
    await browser.shoot('lost');
    await expect.poll(() => inView(page.getByText('The answer ends here: the service was lost.'))).toBe(true);
    expect(await page.getByText('Plain text and <b>no HTML</b>.').isVisible()).toBe(true);
    await page.getByText(/^Ready\. /).waitFor();
    await field.fill('as json');
    await page.keyboard.press('Enter');
    await page.getByText('"thing"').waitFor();
    await browser.shoot('after-loss');
    expect(browser.complaints).toEqual([]);
  });

  test('a lost connection is opened again by itself, and the conversation stays', async () => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open();
    const { page } = browser;
    await site.letAllStart();
    await page.goto(site.url);
    const field = page.getByRole('textbox', { name: 'Message' });
    await field.fill('as text');
    await page.keyboard.press('Enter');
    await page.getByText('Plain text and <b>no HTML</b>.').waitFor();
    const [edge] = site.cluster.of('edge');
    await edge?.[Symbol.asyncDispose]();
    await page.getByText('Connection lost, connecting again').waitFor();
    await field.fill('as json');
    await page.keyboard.press('Enter');
    await page.getByText('Waits for the connection').waitFor();
    await browser.shoot('connection-lost');
    await site.cluster.add('edge', { PORT: new URL(site.url).port }).running();
    await page.getByText('"thing"').waitFor();
    expect(await page.getByText('Plain text and <b>no HTML</b>.').isVisible()).toBe(true);
    expect(await page.getByText('Connection lost, connecting again').count()).toBe(0);
    await browser.shoot('connected-again');
    const heard = await browser.milestones();
    const at = heard.indexOf('The connection was lost. It is being opened again.');
    expect(heard.slice(at + 1).some((text) => text.startsWith('The connection is open again.'))).toBe(true);
    expect(browser.complaints).toEqual([]);
  });
});
