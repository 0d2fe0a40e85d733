import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { Browser } from '../../src/page/browser.ts';
import { findChromium } from '../../src/page/find-chromium.ts';
import { inView } from '../../src/page/in-view.ts';
import { overhang } from '../../src/page/overhang.ts';
import { Site } from '../../src/page/site.ts';

type Scrolled = { scrollBy(x: number, y: number): void };

describe.runIf(findChromium() ?? process.env['CI'])('the page when a start fails', { timeout: 240_000 }, () => {
  test('it says what failed, why and when to try again, and trying again works once it is mended', async () => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open();
    const { page } = browser;
    await site.let('archive', 'ready');
    await page.goto(site.url);
    await page.getByRole('textbox', { name: 'Message' }).fill('as text');
    await page.keyboard.press('Enter');
    await site.let('index', 'the disk is full');

    await page.getByRole('heading', { name: 'Search index could not be started' }).waitFor();
    const again = page.getByRole('button', { name: 'Try again' });
    expect(await again.isDisabled()).toBe(true);
    await page.getByText(/^possible in \d+ s$/).waitFor();
    const panel = page.getByRole('region', { name: 'Search index could not be started' });
    // Without the time of the message, which would be wrong a moment later: the button counts it down.
    expect(await panel.locator('.cause').textContent()).toBe('Search index: It stopped while it was starting.');
    const fact = (name: string) =>
      panel
        .locator('dl > div')
        .filter({ has: page.getByText(name, { exact: true }) })
        .locator('dd');
    expect(await fact('Attempts').textContent()).toBe('2 of 2');
    expect(await fact('Exit code').textContent()).toBe('3');
    expect(await fact('Failed while').textContent()).toBe('loading index');
    expect(await fact('Trace id').locator('code').textContent()).toMatch(/^[0-9a-f]{32}$/);
    await fact('Trace id').getByRole('button', { name: 'Copy the trace id' }).waitFor();
    const sent = page.getByRole('article', { name: 'You' });
    await sent.getByText(/^Not delivered\./).waitFor();
    await browser.shoot('failed');

    await rm(join(site.cluster.dir, 'index'));
    await expect.poll(() => again.isDisabled(), { timeout: 60_000 }).toBe(false);
    await again.click();
    await page.getByRole('heading', { name: 'Trying again' }).waitFor();
    await browser.shoot('retrying');
    await site.let('index', 'ready');
    await page.getByText(/^Ready\. 3 services took/).waitFor();
    await sent.getByRole('button', { name: 'Send again' }).click();
    await page.getByText('Plain text and <b>no HTML</b>.').waitFor();
    expect((await browser.milestones()).some((text) => text.startsWith('Search index: It stopped'))).toBe(true);
    expect(browser.complaints).toEqual([]);
  });

  test('on a phone, below which a conversation stands, cause and trace id are seen at once, and all else by scrolling', async () => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open({ width: 390, height: 844 });
    const { page } = browser;
    await site.let('archive', 'ready');
    await page.goto(site.url);
    const field = page.getByRole('textbox', { name: 'Message' });
    for (const line of [
      'Count the characters of this message, which is held',
      'and of this one',
      'and of a third one',
    ]) {
      await field.fill(line);
      await page.keyboard.press('Enter');
    }
    await site.let('index', 'the disk is full');
    const panel = page.getByRole('region', { name: 'Search index could not be started' });
    await panel.waitFor();
    await browser.shoot('failed-phone');
    for (const text of ['Search index: It stopped while it was starting.', 'Trace id', 'Try again'])
      expect(await inView(panel.getByText(text, { exact: true })), text).toBe(true);
    expect(await inView(panel.getByRole('button', { name: 'Copy the trace id' }))).toBe(true);
    const rest = panel.getByText('Exit code', { exact: true });
    if (!(await inView(rest))) await panel.evaluate((element) => (element as unknown as Scrolled).scrollBy(0, 150));
    expect(await inView(rest)).toBe(true);
    await browser.shoot('failed-phone-scrolled');
    expect(await overhang(page)).toBe(0);
  });

  test('a failure that nobody can wait out says so, and another entrypoint can be chosen', async () => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open({ scheme: 'dark' });
    const { page } = browser;
    await page.goto(`${site.url}/?entrypoint=broken`);
    await page.getByRole('heading', { name: 'Lacking could not be started' }).waitFor();
    await page.getByText('Trying again will not help until somebody has mended it.').waitFor();
    await page.getByText('command_not_found').waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    await browser.shoot('failed-for-good-dark');
    await page.getByRole('combobox', { name: 'Entrypoint' }).selectOption('chat');
    await page.getByRole('heading', { name: 'Starting what you need' }).waitFor();
    expect(new URL(page.url()).searchParams.get('entrypoint')).toBe('chat');
    expect(browser.complaints).toEqual([]);
  });
});
