// Debian's Chromium, without a window, for one test file.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from 'playwright-core';

const waitMs = 20_000;

// A name of this machine that is not a secure context to browsers, as `localhost` is.
export const insecureHost = 'wscast.test';

export async function startBrowser() {
  const executablePath = process.env.CHROMIUM_BIN || '/usr/bin/chromium';
  if (!existsSync(executablePath)) {
    throw new Error(`${executablePath} is missing: install chromium or set CHROMIUM_BIN`);
  }
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      `--host-resolver-rules=MAP ${insecureHost} 127.0.0.1`],
  });
}

// A tab of its own, as of another person. What the page complains about fails test `t`.
export async function openTab(t, browser, url, options = {}) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(waitMs);
  t.after(() => context.close());
  const tab = await context.newPage();
  const complaints = [];
  tab.on('pageerror', (error) => complaints.push(error.message));
  t.after(() => {
    if (complaints.length > 0) throw new Error(`the page failed: ${complaints.join('; ')}`);
  });
  await tab.goto(url);
  return tab;
}

// Keeps a picture of the tab where WSCAST_SCREENSHOTS says, if it does.
export async function keepPicture(tab, name) {
  const folder = process.env.WSCAST_SCREENSHOTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await tab.screenshot({ path: path.join(folder, `${name}.png`) });
}
