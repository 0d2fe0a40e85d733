import { describe, expect, inject, test } from 'vitest';
import { markedProcesses } from '../../src/marked-processes.ts';
import { Browser } from '../../src/page/browser.ts';
import { findChromium } from '../../src/page/find-chromium.ts';
import { Site } from '../../src/page/site.ts';

describe.runIf(findChromium() ?? process.env['CI'])('the page while services start', { timeout: 240_000 }, () => {
  test('the plan fills with life, a message that is sent meanwhile is held and then answered', async () => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open();
    const { page } = browser;
    await page.goto(site.url);
    const node = (name: string) =>
      page.getByRole('list', { name: 'Services' }).getByRole('listitem').filter({ hasText: name });

    await page.getByRole('heading', { name: 'Starting what you need' }).waitFor();
    await node('Search index').getByText('Loading the index').waitFor();
    await node('Search index').getByText('40 %').waitFor();
    await node('Speaker').getByText('Waits for Search index, Archive').waitFor();
    expect(await page.title()).toBe('Starting (0 of 3) – Chat');
    const bar = page.getByRole('progressbar', { name: 'Services that are ready' });
    expect(await bar.getAttribute('aria-valuenow')).toBe('0');
    const elapsed = page.locator('.facts time');
    const before = await elapsed.textContent();
    await expect.poll(() => elapsed.textContent()).not.toBe(before);
    await browser.shoot('waiting');

    await page.getByRole('textbox', { name: 'Message' }).fill('Count this');
    await page.keyboard.press('Enter');
    await page.getByText('Waits for the service: it is delivered when everything is ready').waitFor();
    await browser.shoot('held');

    await site.let('archive', 'ready');
    await node('Archive').getByText('Ready after').waitFor();
    expect(await bar.getAttribute('aria-valuenow')).toBe('33');
    expect(await bar.getAttribute('aria-valuetext')).toBe('1 of 3 ready');
    await browser.shoot('waiting-one-ready');
    await site.let('index', 'ready');
    await page.getByText('There are 10 characters').waitFor();
    expect(await page.getByText('Waits for the service').count()).toBe(0);
    await page.getByText(/^Ready\. 3 services took/).waitFor();
    expect(await page.title()).toBe('Chat – ready');
    await browser.shoot('answered');

    const heard = await browser.milestones();
    expect(heard[0]).toMatch(/^Nothing is running yet; starting 3 of 3\.$/);
    expect(heard.filter((text) => /^(Archive|Search index|Speaker) is ready after /.test(text))).toHaveLength(3);
    expect(heard.some((text) => /%/.test(text))).toBe(false);
    expect(heard.at(-1)).toBe('The answer is complete.');
    expect(browser.complaints).toEqual([]);
  });

  test('after earlier starts it says how long it may take, and that it takes longer than usual', async () => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open();
    const { page } = browser;
    const facts = page.locator('.facts');
    await page.goto(`${site.url}/?entrypoint=slow`);
    await facts.getByText('no earlier start to estimate from').waitFor();
    await page.getByText(/^This takes longer than usual\..* It is given up after 9\.0 s\.$/).waitFor();
    await browser.shoot('slow');
    await site.let('dawdler', 'ready');
    await page.locator('.line').getByText('Ready').waitFor();
    await site.letNothing('dawdler');
    for (const pid of markedProcesses(site.cluster.namespace)) process.kill(pid, 'SIGKILL');
    await page.getByRole('heading', { name: 'The service was lost and is being started again' }).waitFor();
    // A start that was lost is told without waiting for a forecast; who comes to it is given one.
    await page.goto(`${site.url}/?entrypoint=slow&user=ann`);
    await facts.getByText(/^about (a second|\d s) left$/).waitFor();
    await page
      .getByText(/usually [\d.]+ s/)
      .first()
      .waitFor();
    await browser.shoot('estimated');
    await site.let('dawdler', 'ready');
    await page.locator('.line').getByText('Ready').waitFor();
    expect(browser.complaints).toEqual([]);
  });

  test('Escape leaves the wait after a question, and one can start again', async () => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open();
    const { page } = browser;
    await page.goto(site.url);
    await page.getByRole('heading', { name: 'Starting what you need' }).waitFor();
    await page.keyboard.press('Escape');
    const dialog = page.getByRole('dialog', { name: 'Stop waiting?' });
    await dialog.waitFor();
    await dialog.locator('button:focus', { hasText: 'Keep waiting' }).waitFor();
    await browser.shoot('cancel');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Stop waiting' }).click();
    await dialog.getByRole('button', { name: 'Stop waiting' }).click();
    await page.getByRole('heading', { name: 'You stopped waiting' }).waitFor();
    await browser.shoot('cancelled');

    await site.letAllStart();
    await page.getByRole('button', { name: 'Start again' }).click();
    await page.getByText('Everything is ready. Write a message below.').waitFor();
    await browser.shoot('ready');
    expect(browser.complaints).toEqual([]);
  });
});
