// Chromium with a microphone that beeps, and the page as a person meets it.
import assert from 'node:assert/strict';
import { readFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { chromium } from 'playwright-core';

const { AUDIOSTORE_URL, AUDIOSTORE_SCREENSHOTS: folder, CHROMIUM = '/usr/bin/chromium' } = process.env;
export const url = AUDIOSTORE_URL.replace(/\/$/, '');
export const tokens = { ada: process.env.AUDIOSTORE_TOKEN_ADA, ben: process.env.AUDIOSTORE_TOKEN_BEN };

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const looks = [['light', 'light', 1120, 860], ['dark', 'dark', 1120, 860], ['phone', 'light', 390, 844], ['phone-dark', 'dark', 390, 844]];

export const launch = () => chromium.launch({
  executablePath: CHROMIUM,
  timeout: 60_000,
  args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--autoplay-policy=user-gesture-required'],
});

/** Like test(), for tests that build on each other: after one that failed the rest is skipped. None can hang. */
export function chain() {
  let broken = false;
  return (name, steps) => test(name, { timeout: 90_000 }, async (context) => {
    if (broken) return context.skip('an earlier one failed');
    broken = true;
    await steps();
    broken = false;
  });
}

/** Another process is at work, so it is looked for, for a while. */
export async function until(what, condition) {
  for (const end = Date.now() + 15_000; !(await condition()); ) {
    if (Date.now() > end) assert.fail(`not within 15 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A page of a person of its own: nothing is shared with the others. */
export async function open(browser) {
  const context = await browser.newContext({ viewport: { width: 1120, height: 860 }, acceptDownloads: true });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const seen = { requests: [], problems: [] };
  context.on('request', (request) => seen.requests.push({ method: request.method(), url: request.url() }));
  page.on('pageerror', (error) => seen.problems.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to|Uncaught/.test(message.text())) seen.problems.push(message.text());
  });
  await page.goto(url);
  return { context, page, seen };
}

export async function logIn(page, token) {
  await page.getByLabel('Access token').fill(token);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('button', { name: 'Log out' }).waitFor();
}

export async function makeProject(page, name) {
  const field = page.getByLabel('New project');
  if (!(await field.isVisible())) await page.getByRole('button', { name: 'New project' }).click();
  await field.fill(name);
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('combobox', { name: 'Project' }).waitFor();
  assert.equal(await page.locator('#project option:checked').textContent(), name);
}

/** Records until the page's clock shows so many seconds. */
export async function record(page, seconds) {
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await page.locator('#elapsed', { hasText: `0:0${seconds}` }).waitFor();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
}

export const rows = (page) => page.locator('.take');
/** Rows of takes that the service has. */
export const stored = (page) => page.locator('.take:has([data-part=transfer][hidden])');

/** Some kilobytes a second up, so that progress can be seen; null for all there is. */
export async function throttle(page, bytesPerSecond) {
  if (!sessions.has(page)) sessions.set(page, await page.context().newCDPSession(page)); // it lasts as long as its session
  await sessions.get(page).send('Network.emulateNetworkConditions', {
    offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond ?? -1 });
}
const sessions = new WeakMap();

/** How the step looks in light, dark and on a phone, and that nobody is shut out of it. */
export async function step(page, name) {
  const problems = [];
  for (const [look, colorScheme, width, height] of looks) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const wide = await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
      done(document.documentElement.scrollWidth - innerWidth)))));
    if (wide > 0) problems.push(`${look}: ${wide} pixels too wide`);
    problems.push(...(await violations(page)).map((violation) => `${look}: ${violation}`));
    if (folder) await mkdir(folder, { recursive: true });
    if (folder) await page.screenshot({ path: `${folder}/${name}-${look}.png` });
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
  await page.setViewportSize({ width: 1120, height: 860 });
  assert.deepEqual(problems, [], name);
}

async function violations(page) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const { violations: found } = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join('; ')}`);
}
