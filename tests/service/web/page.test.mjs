// The recorder page in Chromium, as people use it. Where the service is and who may log in comes from the environment,
// see run.sh. The tests build on each other: what the first records, the next ones play and delete.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { chain, launch, logIn, makeProject, open, record, rows, step, stored, throttle, tokens, until, url } from './browser.mjs';

const LARGE = Number(process.env.AUDIOSTORE_LARGE_BYTES ?? 20e6);
const MODES = (process.env.AUDIOSTORE_MODES ?? 'post,multipart').split(',');
const project = 'Kitchen sessions';
let browser;
let ada;

before(async () => {
  browser = await launch();
  ada = await open(browser);
});
after(async () => {
  await browser?.close();
  assert.deepEqual(ada?.seen.problems, []);
}, { timeout: 30_000 });

const story = chain();
const asked = ({ seen }, part) => seen.requests.filter((request) => request.url.includes(part)).length;
const seekOf = (row) => row.getByRole('slider');
const position = (row) => seekOf(row).evaluate((slider) => Number(slider.value));

story('logging in: an unknown token is refused in words, a known one is welcome', async () => {
  const { page } = ada;
  await page.getByLabel('Access token').waitFor();
  await step(page, '01-login');
  await page.getByLabel('Access token').fill('nonsense');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: 'Nobody has this token' }).waitFor();
  await step(page, '02-login-refused');
  await logIn(page, tokens.ada);
  await page.getByLabel('New project').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Record', exact: true }).isDisabled(), true);
  await step(page, '03-first-project');
  await makeProject(page, project);
  await step(page, '04-empty');
});

story('three seconds are recorded, go straight to the bucket with progress, and are listed', async () => {
  const { page, seen } = ada;
  await throttle(page, 12_000);
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await page.locator('#elapsed', { hasText: '0:03' }).waitFor();
  await step(page, '05-recording');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  const bar = page.getByRole('progressbar');
  await until('progress', async () => (await bar.count()) && (await bar.evaluate(({ value }) => value > 0.05 && value < 0.9)));
  await step(page, '06-uploading');
  await throttle(page, null);
  await stored(page).first().waitFor();
  await step(page, '07-listed');
  const uploads = seen.requests.filter(({ method, url: to }) => method === 'POST' && !to.startsWith(url));
  assert.equal(uploads.length, MODES.includes('post') ? 1 : 0, 'one form to the bucket itself');
  assert.equal(asked(ada, '/api/audio/upload'), 0);
});

story('it plays, knows its length, and can be sought in', async () => {
  const { page } = ada;
  const [row] = await stored(page).all();
  await row.getByRole('button', { name: /^Play/ }).click();
  await row.getByRole('button', { name: /^Pause/ }).waitFor();
  await until('playing', async () => (await position(row)) > 0.3);
  await step(page, '08-playing');
  const length = Number(await seekOf(row).getAttribute('max'));
  assert.ok(length > 2.5, `length ${length}`);
  await seekOf(row).fill('0.5');
  await row.getByRole('button', { name: /^Play|^Pause/ }).focus();
  await until('sought', async () => (await position(row)) < length - 1);
  await seekOf(row).focus();
  await page.keyboard.press('End');
  await row.getByRole('button', { name: /^Play/ }).waitFor();
});

story('after a reload it plays from the URL that is known', async () => {
  const { page, seen } = ada;
  await page.reload();
  seen.requests.length = 0;
  const row = stored(page).first();
  await row.getByRole('button', { name: /^Play/ }).click();
  await row.getByRole('button', { name: /^Pause/ }).waitFor();
  await until('playing', async () => (await position(row)) > 0.3);
  assert.equal(asked(ada, '/api/audio/url'), 0);
});

story('a length that the recording does not tell is found, and a URL that was refused is replaced', async () => {
  const recordingId = await stored(ada.page).first().getAttribute('data-recording-id');
  const { context, page, seen } = await open(browser); // knows nothing yet
  await page.evaluate(async (token) => (await import('./audiostore.js')).audioStore().logIn(token), tokens.ada);
  const urls = () => asked({ seen }, '/api/audio/url');
  await context.route((to) => !to.href.startsWith(url), (route) =>
    urls() < 2 ? route.fulfill({ status: 403, headers: { 'Access-Control-Allow-Origin': url } }) : route.continue());
  await page.getByRole('heading', { name: 'Log in' }).click(); // a gesture, as for a click on play
  const { duration, at } = await page.evaluate(async (id) => {
    const { playRecording } = await import('./audiostore.js');
    const audio = await playRecording(id, { at: 1 });
    return { duration: audio.duration, at: audio.currentTime };
  }, recordingId);
  assert.ok(duration > 2.5 && duration < 15, `duration ${duration}`);
  assert.ok(at >= 1 && at < 2.5, `at ${at}`);
  assert.equal(urls(), 2);
  await context.close();
});

story('an upload can be cancelled and taken up again', async () => {
  const { page } = ada;
  const before = await stored(page).count();
  await throttle(page, 4_000);
  await record(page, 2);
  await page.getByRole('progressbar').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Upload stopped. Kept on this device.').waitFor();
  await step(page, '09-stopped');
  await throttle(page, null);
  await page.getByRole('button', { name: 'Upload again' }).click();
  await until('uploaded', async () => (await stored(page).count()) === before + 1);
});

story('without a network takes wait on the device, also over a reload, and go up when it is back', async () => {
  const { context, page } = ada;
  const before = await stored(page).count();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await context.setOffline(true);
  await record(page, 1);
  await page.getByText('Waiting for the network').first().waitFor();
  await record(page, 2);
  await until('two waiting', async () => (await rows(page).count()) === before + 2);
  await step(page, '10-offline');
  await page.reload();
  await until('still waiting', async () => (await page.getByText('Waiting for the network').count()) === 2);
  await step(page, '11-offline-reloaded');
  const row = rows(page).first();
  await row.getByRole('button', { name: /^Play/ }).click();
  await until('heard without a network', async () => (await position(row)) > 0.3);
  await context.setOffline(false);
  await until('both uploaded', async () => (await stored(page).count()) === before + 2);
  assert.equal(await page.getByText('Offline').isVisible(), false);
  await page.reload();
  await until('both stored', async () => (await stored(page).count()) === before + 2);
});

story('several takes in a row go up while the next one is recorded', async () => {
  const { page } = ada;
  const before = await stored(page).count();
  await throttle(page, 30_000);
  for (let take = 0; take < 3; ++take) await record(page, 1);
  await throttle(page, null);
  await until('all three uploaded', async () => (await stored(page).count()) === before + 3);
});

/** Silence as WAV, of so many bytes. */
const wav = (bytes) => {
  const file = Buffer.alloc(bytes);
  file.write('RIFF____WAVEfmt ', 0, 'latin1');
  [[4, bytes - 8], [16, 16], [24, 48000], [28, 96000], [40, bytes - 44]].forEach(([at, value]) => file.writeUInt32LE(value, at));
  [[20, 1], [22, 1], [32, 2], [34, 16]].forEach(([at, value]) => file.writeUInt16LE(value, at));
  file.write('data', 36, 'latin1');
  for (let sample = 0; sample < Math.min(bytes - 44, 200_000) / 2; ++sample)
    file.writeInt16LE(Math.round(20000 * Math.sin(sample / 20) * Math.abs(Math.sin(sample / 9000))), 44 + 2 * sample);
  return file;
};

story('files are added by choice and by drop; what is no audio is refused in words', async () => {
  const { page } = ada;
  const before = await stored(page).count();
  await page.getByLabel('choose files').setInputFiles({ name: 'Birdsong.wav', mimeType: 'audio/wav', buffer: wav(192_044) });
  await until('the chosen file', async () => (await stored(page).count()) === before + 1);

  const data = await page.evaluateHandle((bytes) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], 'Rain.wav', { type: 'audio/wav' }));
    transfer.items.add(new File(['a shopping list'], 'list.txt', { type: 'text/plain' }));
    transfer.items.add(new File(['this only calls itself audio, at some length'], 'liar.wav', { type: 'audio/wav' }));
    return transfer;
  }, wav(96_044).toString('base64'));
  await page.dispatchEvent('main', 'dragenter', { dataTransfer: data });
  await page.getByText('Drop to upload').waitFor();
  await step(page, '12-drop');
  await page.dispatchEvent('main', 'drop', { dataTransfer: data });
  await page.getByRole('alert').filter({ hasText: 'list.txt: no audio file' }).waitFor();
  await until('the dropped file', async () => (await stored(page).count()) === before + 2);
  await page.getByRole('alert').filter({ hasText: 'no kind of audio' }).waitFor();
  await step(page, '13-refused');

  const liar = rows(page).filter({ hasText: 'liar.wav' });
  await liar.getByRole('button', { name: 'Delete liar.wav' }).click();
  await liar.getByRole('button', { name: 'Discard' }).click();
  await liar.waitFor({ state: 'detached' });
});

story('direct uploads cross origins, in every mode that the service has', async () => {
  const { page, seen } = ada;
  for (const bytes of [50_044, LARGE]) {
    seen.requests.length = 0;
    const [answer, response] = await Promise.all([
      page.evaluate(async ([size, header]) => {
        const { uploadRecording } = await import('./audiostore.js');
        const bytes = new Uint8Array(size);
        bytes.set(Uint8Array.from(atob(header), (letter) => letter.charCodeAt(0)));
        const projectId = document.querySelector('#project').value;
        const progress = [];
        const answer = await uploadRecording(new Blob([bytes], { type: 'audio/wav' }), {
          projectId, via: 'direct', onProgress: ({ loaded }) => progress.push(loaded) });
        return { ...answer, last: progress.at(-1) };
      }, [bytes, wav(bytes).subarray(0, 44).toString('base64')]),
      page.waitForResponse((to) => to.url().endsWith('/api/audio/ticket')),
    ]);
    const { mode } = (await response.json()).ticket;
    assert.ok(MODES.includes(mode), mode);
    assert.equal(mode === 'multipart', bytes === LARGE && MODES.includes('multipart'), mode);
    assert.equal(answer.size, bytes);
    assert.equal(answer.last, bytes);
    assert.ok(seen.requests.some(({ method, url: to }) => method === (mode === 'post' ? 'POST' : 'PUT') && !to.startsWith(url)), mode);
  }
});

story('a bucket that cannot be reached is gone around', async () => {
  const { context, page } = ada;
  const before = await stored(page).count();
  await page.reload();
  await until('the list', async () => (await stored(page).count()) >= before);
  const count = await stored(page).count();
  await context.route((to) => !to.href.startsWith(url), (route) =>
    route.request().method() === 'GET' ? route.continue() : route.abort());
  await record(page, 1);
  await until('uploaded through the service', async () => (await stored(page).count()) === count + 1);
  assert.ok(asked(ada, '/api/audio/upload') > 0);
  await context.unrouteAll();
});

story('all of it works by keyboard, and delete asks once', async () => {
  const { page } = ada;
  const count = await rows(page).count();
  const tabTo = async (name) => {
    for (let presses = 0; presses < 60; ++presses) {
      await page.keyboard.press('Tab');
      const label = await page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent);
      if (name.test(label)) return;
    }
    assert.fail(`no ${name} by Tab`);
  };
  await page.locator('body').click({ position: { x: 2, y: 2 } });
  await tabTo(/^Record$/);
  await page.keyboard.press('Space');
  await page.locator('#elapsed', { hasText: '0:01' }).waitFor();
  await page.keyboard.press('Space');
  await until('recorded by keyboard', async () => (await stored(page).count()) === count + 1);
  await tabTo(/^Delete/);
  await page.keyboard.press('Enter');
  await page.getByText('Delete it for good?').waitFor();
  await step(page, '14-delete');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Keep');
  await page.keyboard.press('Escape');
  assert.equal(await rows(page).count(), count + 1);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await until('deleted', async () => (await rows(page).count()) === count);
  assert.notEqual(await page.evaluate(() => document.activeElement.tagName), 'BODY');
  await page.reload();
  await until('gone for good', async () => (await stored(page).count()) === count);
});

story('a take can be saved to disk', async () => {
  const { page } = ada;
  const [download] = await Promise.all([page.waitForEvent('download'), stored(page).first().getByRole('button', { name: /^Download/ }).click()]);
  assert.match(download.suggestedFilename(), /^take-.*\.(webm|wav|m4a|ogg)$/);
});

story('somebody else sees nothing of it, also on the same device', async () => {
  const { page } = ada;
  const id = await stored(page).first().getAttribute('data-recording-id');
  await page.getByRole('button', { name: 'Log out' }).click();
  await logIn(page, tokens.ben);
  await page.getByLabel('New project').waitFor();
  assert.equal(await rows(page).count(), 0);
  assert.equal(await page.locator('#project option').count(), 0);
  await step(page, '15-somebody-else');
  const code = await page.evaluate(async (recordingId) => {
    const { audioStore } = await import('./audiostore.js');
    return audioStore().recordingUrl(recordingId).then(() => 'played', (error) => error.code);
  }, id);
  assert.ok(['not_found', 'permission_denied'].includes(code), code);
});
