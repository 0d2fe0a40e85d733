import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import type { Page } from 'playwright-core';
import { Browser, type Look } from '../../src/page/browser.ts';
import { lowContrasts } from '../../src/page/contrast.ts';
import { findChromium } from '../../src/page/find-chromium.ts';
import { overhang } from '../../src/page/overhang.ts';
import { Site } from '../../src/page/site.ts';

const looks: [string, Look][] = [
  ['light-phone', { width: 360, height: 720, scheme: 'light', motion: 'reduce' }],
  ['dark-phone', { width: 360, height: 720, scheme: 'dark' }],
  ['dark', { scheme: 'dark' }],
];

function animations(page: Page): Promise<number> {
  return page.evaluate(
    () => (globalThis as unknown as { document: { getAnimations(): unknown[] } }).document.getAnimations().length,
  );
}

describe.runIf(findChromium() ?? process.env['CI'])('the page for everybody', { timeout: 240_000 }, () => {
  test.each(looks)('every state can be read and nothing is cut off: %s', async (name, look) => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open(look);
    const { page } = browser;
    const check = async (state: string) => {
      await browser.shoot(`${state}-${name}`);
      expect(await lowContrasts(page), state).toEqual([]);
      expect(await overhang(page), state).toBe(0);
      if (look.motion === 'reduce') expect(await animations(page), state).toBe(0);
    };
    await page.goto(site.url);
    await page.getByText('40 %').first().waitFor();
    await check('waiting');
    const field = page.getByRole('textbox', { name: 'Message' });
    await field.fill('Count the characters of this message, which is held meanwhile');
    await page.keyboard.press('Enter');
    await page.getByText('Waits for the service:').waitFor();
    await check('held');
    await site.let('archive', 'ready');
    await site.let('index', 'the disk is full');
    await page.getByText('Failed while').waitFor();
    await check('failed');
    await rm(join(site.cluster.dir, 'index'));
    await site.let('index', 'ready');
    await page.locator('button:enabled', { hasText: 'Try again' }).click();
    await page.getByText(/^Ready\. 3 services took/).waitFor();
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByText('There are 61 characters').waitFor();
    await check('answer');
    await page.getByText('Insights 1').click();
    await page.getByText('What it stands on').click();
    await check('finding');
    expect(browser.complaints).toEqual([]);
  });

  test('everything can be reached by keyboard, in the order in which it stands, with a focus that shows', async () => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open();
    const { page } = browser;
    await page.goto(site.url);
    await page.getByRole('button', { name: 'Stop waiting' }).waitFor();
    const focused = () =>
      page.evaluate(() => {
        const { document, getComputedStyle } = globalThis as unknown as {
          document: { activeElement: { ariaLabel: string | null; textContent: string; name?: string } };
          getComputedStyle(element: object): { outlineStyle: string };
        };
        const element = document.activeElement;
        const name = element.ariaLabel ?? (element.textContent.trim() || element.name);
        return `${name} (${getComputedStyle(element).outlineStyle})`;
      });
    const order: string[] = [];
    for (let step = 0; step < 5; step += 1) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    expect(order.map((one) => one.replace(/^Chat(\w+)Broken/, 'Entrypoint'))).toEqual([
      'Entrypoint (solid)',
      'You are dev at dev. Change (solid)',
      'Stop waiting (solid)',
      'Message (solid)',
      'Add file (solid)',
    ]);
  });
});
