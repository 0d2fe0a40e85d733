import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

  test('how far a tool is stands beside its step, and a run that fails says what was expected, found, and what to do', async () => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open();
    const { page } = browser;
    await site.letAllStart();
    await page.goto(site.url);
    const field = page.getByRole('textbox', { name: 'Message' });
    await field.fill('half');
    await page.keyboard.press('Enter');
    const bar = page.getByRole('progressbar', { name: 'Counted 4 of 10' });
    await bar.waitFor();
    expect(await bar.getAttribute('value')).toBe('40');
    await browser.shoot('run-progress');
    await field.fill('fail');
    await page.keyboard.press('Enter');
    const failed = page.getByRole('article', { name: 'Speaker' }).last().locator('.complaint');
    await failed.getByText('This table has no tokens.').waitFor();
    for (const line of ['Expected: a column of input tokens', 'Found: a, b', 'Name the column.'])
      expect(await failed.getByText(line).isVisible(), line).toBe(true);
    await failed.getByRole('button', { name: 'Copy the trace id' }).waitFor();
    await browser.shoot('run-failed');
    expect((await browser.milestones()).at(-1)).toBe('There is no answer. This table has no tokens.');
    expect(browser.complaints).toEqual([]);
  });

  test('a file that is dropped anywhere on the page goes with the next message', async () => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open();
    const { page } = browser;
    await site.letAllStart();
    await page.goto(site.url);
    await page.getByText('Everything is ready. Write a message below.').waitFor();
    const path = join(site.cluster.dir, 'dropped.csv');
    await writeFile(path, 'a,b\n1,2\n');
    // As the system hands it to the browser: the page gets its own DataTransfer of it.
    const drag = await page.context().newCDPSession(page);
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver'] as const)
      await drag.send('Input.dispatchDragEvent', { type, x: 300, y: 200, data });
    await page.getByText('Drop text files here').waitFor();
    await browser.shoot('dropping');
    await drag.send('Input.dispatchDragEvent', { type: 'drop', x: 300, y: 200, data });
    await page.getByRole('button', { name: 'Remove dropped.csv' }).waitFor();
    expect(await page.getByText('Drop text files here').count()).toBe(0);
    await page.keyboard.type('Count');
    await page.keyboard.press('Enter');
    await page.getByText('There are 13 characters').waitFor();
    expect(page.url()).toMatch(/^http/);
    expect(browser.complaints).toEqual([]);
  });

  test('a message goes with its files, also when they are still being read, and not without one of them', async () => {
    await using site = await Site.open(inject('redisUrl'));
    await using browser = await Browser.open();
    const { page } = browser;
    await site.letAllStart();
    await page.goto(site.url);
    await page.getByText('Everything is ready. Write a message below.').waitFor();
    // Reading a file takes until the test lets it go on.
    await page.evaluate(() => {
      const read = File.prototype.arrayBuffer;
      const page = globalThis as unknown as EventTarget;
      File.prototype.arrayBuffer = async function () {
        if (this.name.startsWith('slow'))
          await new Promise((resolve) => page.addEventListener('read-on', resolve, { once: true }));
        return read.call(this);
      };
    });
    const readOn = () =>
      page.evaluate(() => (globalThis as unknown as EventTarget).dispatchEvent(new Event('read-on')));
    const isRead = page.getByText('is being read, then it goes with your message');
    const files = page.locator('input[type=file]');
    const photo = { name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from([0x89, 0x50, 0, 0xff]) };
    const field = page.getByRole('textbox', { name: 'Message' });
    await files.setInputFiles({ name: 'slow.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n') });
    await field.fill('Count');
    await page.keyboard.press('Enter');
    await isRead.waitFor();
    await browser.shoot('reading-a-file');
    await files.setInputFiles(photo);
    await page.getByText('photo.png is not a text file.').waitFor();
    await readOn();
    await page.getByRole('button', { name: 'Remove slow.csv' }).waitFor();
    expect(await field.inputValue()).toBe('Count');
    expect(await page.getByRole('article').count()).toBe(0);
    await field.focus();
    await page.keyboard.press('Enter');
    await page.getByText('There are 13 characters').waitFor();

    await files.setInputFiles({ name: 'slow-too.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n') });
    await field.fill('Again');
    await page.keyboard.press('Enter');
    await isRead.waitFor();
    await readOn();
    await page.getByRole('article', { name: 'You' }).last().getByText('slow-too.csv').waitFor();
    expect(await field.inputValue()).toBe('');
    await page.getByText('There are 13 characters').nth(1).waitFor();
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
