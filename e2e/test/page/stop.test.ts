import { describe, expect, test } from 'vitest';
import { startAssistant } from '../../src/assistant/assistant.ts';
import { Browser } from '../../src/page/browser.ts';
import { findChromium } from '../../src/page/find-chromium.ts';
import { seeded } from '../../src/seed.ts';
import { generatedTable } from '../../src/usage-table.ts';

describe.runIf(findChromium() ?? process.env['CI'])('stopping an answer on the page', { timeout: 300_000 }, () => {
  test('a long run of the assistant ends by a button, or by Escape, and says that it was stopped', async () => {
    await using cluster = await startAssistant({ env: { REVEILLE_PAGE: 'true' } });
    await using browser = await Browser.open();
    const { page } = browser;
    await page.goto(String(await cluster.of('edge')[0]?.url()).replace(/^ws/, 'http'));
    const table = generatedTable(seeded(), { rows: 200_000 });
    const field = page.getByRole('textbox', { name: 'Message' });
    const stop = page.getByRole('button', { name: 'Stop this answer' });
    const ask = async (text: string) => {
      await page.setInputFiles('input[type=file]', {
        name: table.file.name,
        mimeType: 'text/csv',
        buffer: Buffer.from(table.file.content),
      });
      await field.fill(text);
      await page.keyboard.press('Enter');
    };
    await ask('Give me a summary');
    const first = page.getByRole('article', { name: 'Chat connection' }).first();
    await first.locator('li.is-active code').waitFor({ timeout: 200_000 });
    await browser.shoot('running');
    await stop.click();
    await first.getByText('Stopped. This run was cancelled before it was done.').waitFor();
    expect(await stop.count()).toBe(0);
    await browser.shoot('stopped');
    const heard = await browser.milestones();
    expect(heard.at(-1)).toBe('The answer was stopped.');
    expect(heard).not.toContain('The answer is complete.');

    // The second one waits for its turn in the supervisor: it can be stopped before anything is said of it.
    await ask('Give me a report');
    await first.locator('xpath=following::article').locator('li.is-active code').first().waitFor();
    await field.fill('And the peaks?');
    await page.keyboard.press('Enter');
    await expect.poll(() => stop.count()).toBe(2);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByText('Stopped. This run was cancelled').count()).toBe(3);
    expect(await page.getByText('The run was asked to end.').count()).toBe(0);
    expect(await page.getByRole('article', { name: 'You' }).count()).toBe(3);
    await field.fill('Hello');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByText('No language model took part').count()).toBeGreaterThan(0);
    await browser.shoot('stopped-all');
    expect(browser.complaints).toEqual([]);
  });
});
