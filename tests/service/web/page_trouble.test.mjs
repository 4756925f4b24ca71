// What the page says and does when the microphone, the disk or the session is not there.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { chain, launch, logIn, makeProject, open, record, rows, step, stored, throttle, tokens, until } from './browser.mjs';

let browser;
const story = chain();

before(async () => (browser = await launch()));
after(() => browser?.close(), { timeout: 30_000 });

/** A fresh device of Ada's, which `prepare` has changed before the page runs, with a project of that name. */
async function device(name, prepare) {
  const { context, page, seen } = await open(browser);
  if (prepare) await page.addInitScript(prepare);
  await page.reload();
  await logIn(page, tokens.ada);
  await makeProject(page, name);
  return { context, page, seen };
}

story('a microphone that is blocked, missing or busy is told in words, and recording works once it is there', async () => {
  const { context, page } = await device('Microphone', () => {
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wanted) =>
      globalThis.trouble ? Promise.reject(new DOMException('', globalThis.trouble)) : real(wanted);
  });
  for (const [trouble, words] of [['NotAllowedError', /blocked.*Allow it/], ['NotFoundError', /no microphone.*Connect/],
                                  ['NotReadableError', /in use.*Close/]]) {
    await page.evaluate((name) => (globalThis.trouble = name), trouble);
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: words }).waitFor();
  }
  await step(page, '16-no-microphone');
  await page.evaluate(() => (globalThis.trouble = ''));
  await record(page, 1);
  await until('uploaded', async () => (await stored(page).count()) === 1);
  assert.equal(await page.getByRole('alert').filter({ visible: true }).count(), 0);
  await context.close();
});

story('a take for which the disk has no room is not lost: it is said, can be saved, and goes up', async () => {
  const { context, page } = await device('Full disk', () => {
    const real = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function put(row) {
      if (this.name === 'takes') throw new DOMException('', 'QuotaExceededError');
      return real.call(this, row);
    };
  });
  await throttle(page, 4_000);
  await record(page, 2);
  await page.getByRole('alert').filter({ hasText: 'no room for this take on this device' }).waitFor();
  await step(page, '17-no-room');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save to disk' }).click()]);
  assert.match(download.suggestedFilename(), /^take-.*\.webm$/);
  const [question] = await Promise.all([page.waitForEvent('dialog'), page.close({ runBeforeUnload: true })]);
  assert.equal(question.type(), 'beforeunload');
  await question.dismiss();
  await context.clearCookies();
  await throttle(page, null);
  await logIn(page, tokens.ada);
  await page.getByRole('combobox', { name: 'Project' }).selectOption({ label: 'Full disk' });
  await until('uploaded', async () => (await stored(page).count()) === 1);
  await context.close();
});

story('a session that ends keeps the take for its owner, and for nobody else', async () => {
  const { context, page, seen } = await device('Session');
  await context.clearCookies();
  await record(page, 1);
  await page.getByText('One take waits on this device').waitFor();
  await step(page, '18-session-ended');
  seen.requests.length = 0;
  await logIn(page, tokens.ben);
  await page.locator('#project-form, #project-choice').filter({ visible: true }).first().waitFor();
  await until('Ben is known', async () => (await page.locator('#user-name').textContent()) === 'Ben');
  assert.equal(await rows(page).count(), 0);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByText('One take waits on this device').waitFor();
  assert.deepEqual(seen.requests.filter((request) => /ticket|upload/.test(request.url)), []);
  await logIn(page, tokens.ada);
  await page.getByRole('combobox', { name: 'Project' }).selectOption({ label: 'Session' });
  await until('uploaded', async () => (await stored(page).count()) === 1);
  await context.close();
});

story('a service that does not answer is named, and the take goes up when it does', async () => {
  const { context, page } = await device('Silence');
  await context.route((to) => to.pathname.startsWith('/api/'), (route) => route.abort());
  await record(page, 1);
  await page.getByText('The service could not be reached').first().waitFor({ timeout: 60_000 });
  await step(page, '19-no-service');
  assert.equal(await stored(page).count(), 0);
  await context.unrouteAll();
  await until('uploaded by itself', async () => (await stored(page).count()) === 1);
  await context.close();
});
