import { describe, expect, test } from 'vitest';
import { startAssistant } from '../../src/assistant/assistant.ts';
import { Browser } from '../../src/page/browser.ts';
import { findChromium } from '../../src/page/find-chromium.ts';
import { overhang } from '../../src/page/overhang.ts';
import { pixelsLike } from '../../src/page/pixels-like.ts';
import { seeded } from '../../src/seed.ts';
import { generatedTable, realTable } from '../../src/usage-table.ts';

/** `--ink` of the page. */
const inks = { light: [0x1b, 0x1f, 0x24], dark: [0xe8, 0xea, 0xed] };

const looks = [
  ['light', 'light', 1200],
  ['dark', 'dark', 1200],
  ['phone', 'light', 390],
] as const;

describe.runIf(findChromium() ?? process.env['CI'])('charts of the assistant on the page', { timeout: 300_000 }, () => {
  test('are images that a browser can draw, on light and on dark pages, and on a phone', async () => {
    await using cluster = await startAssistant({ env: { REVEILLE_PAGE: 'true' } });
    const url = String(await cluster.of('edge')[0]?.url()).replace(/^ws/, 'http');
    const table = realTable() ?? generatedTable(seeded(), { rows: 2000 });
    for (const [name, scheme, width] of looks) {
      await using browser = await Browser.open({ scheme, width, height: 1400 });
      const { page } = browser;
      await page.goto(url);
      await page.setInputFiles('input[type=file]', {
        name: table.file.name,
        mimeType: 'text/csv',
        buffer: Buffer.from(table.file.content),
      });
      await page.getByRole('textbox', { name: 'Message' }).fill('Give me a summary');
      await page.getByRole('button', { name: 'Send' }).click();
      const report = page.getByRole('article').last();
      await report.getByText('No language model took part:').waitFor({ timeout: 200_000 });
      const charts = report.locator('figure.adaptive img');
      expect(await charts.count()).toBeGreaterThanOrEqual(3);
      for (const chart of await charts.all()) {
        expect(await chart.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBe(720);
      }
      await report.getByRole('img', { name: /^Tokens per .*periods from/ }).waitFor();
      // The letters of a chart are drawn in the ink of the page around it, and as large on a phone: there a chart is scrolled.
      const png = await charts.first().screenshot();
      expect(await page.evaluate(pixelsLike, { png: png.toString('base64'), ink: inks[scheme] })).toBeGreaterThan(50);
      expect(await overhang(page), name).toBe(0);
      for (const figure of await report.locator('figure').all())
        expect((await figure.boundingBox())?.width).toBeLessThan(width);
      await browser.shoot(`charts-${name}`);
      expect(browser.complaints).toEqual([]);
    }
  });
});
