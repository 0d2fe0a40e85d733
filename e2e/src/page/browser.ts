import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { findChromium } from './find-chromium.ts';

/** Nothing of it may go out to the network, and it needs neither a screen nor a GPU. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export type Look = { width?: number; height?: number; scheme?: 'light' | 'dark'; motion?: 'reduce' | 'no-preference' };

/** A browser with one page, on a profile of its own that is gone afterwards. */
export class Browser implements AsyncDisposable {
  readonly page: Page;
  /** What the page complained of: errors, and whatever the Content-Security-Policy refused. */
  readonly complaints: string[] = [];
  readonly #context: BrowserContext;
  readonly #profile: string;

  private constructor(context: BrowserContext, page: Page, profile: string) {
    this.#context = context;
    this.page = page;
    this.#profile = profile;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      // A browser says so of each lost connection, which is what some tests are about.
      if (message.type() === 'error' && !message.text().startsWith('WebSocket connection to'))
        this.complaints.push(message.text());
    });
  }

  static async open({
    width = 1200,
    height = 800,
    scheme = 'light',
    motion = 'no-preference',
  }: Look = {}): Promise<Browser> {
    const executablePath = findChromium();
    if (executablePath === undefined) throw new Error('no Chromium: install one, or name it in REVEILLE_BROWSER');
    const profile = await mkdtemp(join(tmpdir(), 'reveille-browser-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath,
      headless: true,
      args,
      viewport: { width, height },
      colorScheme: scheme,
      reducedMotion: motion,
    });
    const page = context.pages()[0] ?? (await context.newPage());
    // They end a test that hangs, and are no measure of speed.
    page.setDefaultTimeout(60_000);
    await page.addInitScript(rememberMilestones);
    return new Browser(context, page, profile);
  }

  /** All that a screen reader was told, in order. */
  milestones(): Promise<string[]> {
    return this.page.evaluate(() => (globalThis as { milestones?: string[] }).milestones ?? []);
  }

  /** Kept for people to look at when `REVEILLE_SCREENSHOTS` names a folder. */
  async shoot(name: string): Promise<void> {
    const folder = process.env['REVEILLE_SCREENSHOTS'];
    if (!folder) return;
    await mkdir(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shoot('last');
    await this.#context.close();
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Runs in the page. */
function rememberMilestones(): void {
  const heard: string[] = [];
  (globalThis as { milestones?: string[] }).milestones = heard;
  const { document, MutationObserver } = globalThis as unknown as {
    document: { querySelector(selector: string): { textContent: string | null } | null };
    MutationObserver: new (onChange: () => void) => { observe(node: unknown, of: object): void };
  };
  new MutationObserver(() => {
    const text = document.querySelector('[role=status][aria-live=polite]')?.textContent ?? '';
    if (text !== '' && text !== heard.at(-1)) heard.push(text);
  }).observe(document, { subtree: true, childList: true, characterData: true });
}
