import { describe, expect, inject, test } from 'vitest';
import { Browser } from '../../src/page/browser.ts';
import { findChromium } from '../../src/page/find-chromium.ts';
import { Site } from '../../src/page/site.ts';

describe.runIf(findChromium() ?? process.env['CI'])('the page in a conversation', { timeout: 240_000 }, () => {
  test('events stream, reports are rendered without HTML, and tables, charts and findings can be opened', async () => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open();
    const { page } = browser;
    await site.letAllStart();
    await page.goto(site.url);
    const field = page.getByRole('textbox', { name: 'Message' });
    await field.fill('wait');
    await page.keyboard.press('Enter');
    const answer = page.getByRole('article', { name: 'Speaker' });
    await answer.getByText('Counting characters').waitFor();
    expect(await answer.getAttribute('aria-busy')).toBe('true');
    // The catalog does not say that this service could.
    expect(await page.getByRole('button', { name: 'Stop this answer' }).count()).toBe(0);
    await browser.shoot('streaming');

    await page.setInputFiles('input[type=file]', {
      name: 'usage.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('a,b\n1,2\n'),
    });
    await page.getByRole('button', { name: 'Remove usage.csv' }).waitFor();
    await field.fill('Count the file');
    await page.getByRole('button', { name: 'Send' }).click();
    const report = page.getByRole('article', { name: 'Speaker' }).last();
    await report.getByText('There are 22 characters, and <script>alert(1)</script> is text.').waitFor();
    expect(await report.locator('dl.totals').textContent()).toBe('Requests2Input tokens22Output tokens1,234,567');
    expect(await report.getByRole('table').getByRole('row').allTextContents()).toEqual([
      'whathow many',
      'characters22',
    ]);
    const chart = report.getByRole('img', { name: 'Characters over time' });
    expect(await chart.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBe(400);
    await report.getByText('Insights 1').click();
    await report.getByText('What it stands on').click();
    await report.getByText('Rows 1, 2 and 3 more').waitFor();
    await report.getByText('count (call-1)').waitFor();
    await report.getByText('No language model took part').waitFor();
    await browser.shoot('report');
    expect(browser.complaints).toEqual([]);
  });

  test('what cannot be sent is said before it is sent', async () => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open();
    const { page } = browser;
    await site.letAllStart();
    await page.goto(site.url);
    await page.getByText('Everything is ready. Write a message below.').waitFor();
    const files = page.locator('input[type=file]');
    await files.setInputFiles({ name: 'big.csv', mimeType: 'text/csv', buffer: Buffer.alloc(70_000, 'x') });
    await page.getByText('big.csv has 70.0 kB; at most 65.5 kB can be sent at once.').waitFor();
    await files.setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from([0x89, 0x50, 0, 0xff]) });
    await page.getByText('photo.png is not a text file.').waitFor();
    await files.setInputFiles({ name: 'staedte.csv', mimeType: 'text/csv', buffer: Buffer.from('München', 'latin1') });
    await page.getByText('7 bytes, read as Windows-1252').waitFor();
    await page.getByRole('button', { name: 'Remove staedte.csv' }).click();
    const send = page.getByRole('button', { name: 'Send' });
    expect(await send.isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: 'Message' }).fill('y'.repeat(66_000));
    await page.getByText('This message has 66.0 kB; at most 65.5 kB can be sent at once.').waitFor();
    expect(await send.isDisabled()).toBe(true);
    await browser.shoot('too-large');
    const field = page.getByRole('textbox', { name: 'Message' });
    await field.fill('one');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('two');
    expect(await field.inputValue()).toBe('one\ntwo');
    expect(await page.getByRole('article').count()).toBe(0);
    expect(browser.complaints).toEqual([]);
  });
});
