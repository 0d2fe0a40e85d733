import { describe, expect, inject, test } from 'vitest';
import { Cluster, runs } from '../../src/cluster.ts';
import { explainCommand } from '../../src/explain-command.ts';
import { Browser } from '../../src/page/browser.ts';
import { collidingTexts } from '../../src/page/colliding-texts.ts';
import { findChromium } from '../../src/page/find-chromium.ts';

const count = 20;
/** Some need much room. */
const names = [
  'WWWWMMMM WWWWMMMM of everybody',
  '会話データベースと検索の索引を管理するサービス',
  'Größenverwaltung',
  'Cache',
];
const listens = `require("http").createServer((_, r) => r.end()).listen(process.env.PORT, "127.0.0.1")`;

/** Twenty services, each of which needs two before it; one fails in its first attempt. The last is the target. */
function catalogOf(dir: string): string {
  const mark = JSON.stringify(`${dir}/tried`);
  const failsOnce = `const fs = require("fs"); if (!fs.existsSync(${mark})) { fs.writeFileSync(${mark}, ""); process.exit(3) } ${listens}`;
  const services = Array.from({ length: count }, (_, index) => {
    const name = JSON.stringify(`${names[index % names.length]} ${index}`);
    const halves = index === 0 ? [] : [...new Set([index >> 1, (index * 7) % index])];
    const needs = index === count - 1 ? Array.from({ length: index >> 1 }, (_unused, at) => index - 1 - at) : halves;
    const dependsOn = needs.map((need) => `s${need}`).join(', ');
    const command = JSON.stringify(index === 5 ? failsOnce : listens);
    const start =
      index === count - 1
        ? `start: { ${runs('echo', '/dev/null')} }`
        : index % 4 === 3
          ? `start: { ${runs('store', String(index * 200))} }, ready: { reported: true }`
          : `start: { process: { command: [node, --eval, ${command}] } }, ready: { http: { path: / } }`;
    return `  s${index}: { name: ${name}, dependsOn: [${dependsOn}], ${start}, retry: { backoffMs: 200 } }`;
  });
  return `version: 1\nservices:\n${services.join('\n')}\nentrypoints:\n  chat: { service: s${count - 1}, upstream: { websocket: { path: /session } } }\n`;
}

describe.runIf(findChromium() ?? process.env['CI'])('the waterfall of twenty services', { timeout: 240_000 }, () => {
  test('is legible in a browser: no words lie on others or on bars, and those in a bar stay in it', async () => {
    await using cluster = await Cluster.start({ redisUrl: inject('redisUrl'), catalog: catalogOf });
    const client = await cluster.connect('ann');
    await client.ready(AbortSignal.timeout(180_000));
    const attempts = /"outcome": ?"failed"/;
    await expect.poll(() => explainCommand(cluster, '--format', 'json'), { timeout: 15_000 }).toMatch(attempts);
    const svg = await explainCommand(cluster, '--format', 'svg');
    expect(svg).toContain('✕');
    for (const scheme of ['light', 'dark'] as const) {
      await using browser = await Browser.open({ scheme, width: 1240, height: 900 });
      await browser.page.setContent(svg);
      const { texts, faults } = await browser.page.evaluate(collidingTexts);
      expect(texts).toBeGreaterThan(2 * count);
      expect(faults).toEqual([]);
      await browser.shoot(`waterfall-${scheme}`);
      expect(browser.complaints).toEqual([]);
    }
  });
});
