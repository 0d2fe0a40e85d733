import { describe, expect, test } from 'vitest';
import { startAssistant } from '../../src/assistant/assistant.ts';
import { Browser } from '../../src/page/browser.ts';
import { findChromium } from '../../src/page/find-chromium.ts';
import { seeded } from '../../src/seed.ts';
import { generatedTable } from '../../src/usage-table.ts';

describe.runIf(findChromium() ?? process.env['CI'])('the first minutes on the page', { timeout: 300_000 }, () => {
  test('it says what it is for, offers questions, and one with prices that gives an amount of money', async () => {
    await using cluster = await startAssistant({ env: { REVEILLE_PAGE: 'true' } });
    const url = String(await cluster.of('edge')[0]?.url()).replace(/^ws/, 'http');
    await using browser = await Browser.open();
    const { page } = browser;
    await page.goto(url);
    await page.getByRole('heading', { name: 'Starting what you need' }).waitFor();
    await page.getByText('Add a table of AI usage and ask about it').waitFor();
    await browser.shoot('inviting-cold');
    await page.getByText('Everything is ready. Write a message below.').waitFor();
    await browser.shoot('inviting');
    const field = page.getByRole('textbox', { name: 'Message' });
    await page.getByRole('button', { name: 'Where do the tokens go?' }).click();
    expect(await field.inputValue()).toBe('Where do the tokens go?');
    await page.getByRole('button', { name: 'What does it cost at prices of my own?' }).click();
    expect(JSON.parse(await field.inputValue())).toMatchObject({
      prices: { inputPerMillion: 3, outputPerMillion: 15 },
    });
    const table = generatedTable(seeded(), { rows: 100 });
    await page.setInputFiles('input[type=file]', {
      name: table.file.name,
      mimeType: 'text/csv',
      buffer: Buffer.from(table.file.content),
    });
    await browser.shoot('prices');
    await field.press('Enter');
    const answer = page.getByRole('article', { name: 'Chat connection' });
    const { inputTokens, outputTokens } = table.totals;
    const cost = (inputTokens * 3 + outputTokens * 15) / 1_000_000;
    const shown = cost.toLocaleString('en-US', { maximumFractionDigits: Math.abs(cost) >= 100 ? 2 : 4 });
    await answer.locator('dl.totals', { hasText: shown }).waitFor();
    // They stay within reach, so that prices can be given later too.
    expect(await page.getByRole('button', { name: 'Where do the tokens go?' }).count()).toBe(0);
    await page.getByText('Examples').click();
    await browser.shoot('examples');
    await page.getByRole('button', { name: 'Where do the tokens go?' }).click();
    expect(await field.inputValue()).toBe('Where do the tokens go?');
    expect(await page.getByRole('button', { name: 'Where do the tokens go?' }).count()).toBe(0);

    // Who finds everything running is answered by the same name.
    await using later = await Browser.open();
    await later.page.goto(`${url}/?user=ann`);
    await later.page.getByText('Everything is ready. Write a message below.').waitFor();
    await later.page.getByRole('textbox', { name: 'Message' }).fill('Hello');
    await later.page.keyboard.press('Enter');
    await later.page.getByRole('article', { name: 'Chat connection' }).waitFor();
    expect([...browser.complaints, ...later.complaints]).toEqual([]);
  });
});
