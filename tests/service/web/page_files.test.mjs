// What holds of the page's files without a browser.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';

const page = new URL('../../../examples/service/web/', import.meta.url);
const files = await readdir(page);
const text = (name) => readFile(new URL(name, page), 'utf8');

test('the page opens without a network: every file of it is kept, and the kept ones exist', async () => {
  const list = /const FILES = \[([^\]]*)\]/.exec(await text('sw.js'))[1];
  const kept = [...list.matchAll(/'([^']+)'/g)].map(([, name]) => name).filter((name) => name !== './');
  assert.deepEqual(kept.sort(), files.filter((name) => name !== 'sw.js' && name !== 'index.html').sort());
});

test('no kind of audio is asked for that the service does not take', async () => {
  const service = await readFile(new URL('../service.cc', page), 'utf8');
  const taken = new Set([...service.matchAll(/AudioFormat::(\w+)/g)].map(([, name]) => name));
  const names = { WAV: 'wav', MP3: 'mp3', M4A: 'mp4', Ogg: 'ogg', WebM: 'webm', FLAC: 'flac', AIFF: 'aiff' };
  for (const name of ['messages.js', 'studio.js']) {
    const advice = /Use ([A-Z][\w, ]*?)\.['`]/.exec(await text(name))[1].split(/, | or /);
    assert.deepEqual(advice.filter((kind) => !taken.has(names[kind])), [], name);
    assert.equal(advice.length, taken.size, name);
  }
});

test('a strict policy of content is enough: no script, style or handler in the markup, nothing from elsewhere', async () => {
  const markup = await text('index.html');
  assert.doesNotMatch(markup, /<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=")/i);
  for (const name of files.filter((file) => /\.(js|html|css)$/.test(file))) {
    const elsewhere = (await text(name)).match(/https?:\/\/[^\s'"`)]+/g) ?? [];
    assert.deepEqual(elsewhere.filter((url) => !url.startsWith('http://www.w3.org/')), [], name);
    assert.doesNotMatch(await text(name), /\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write/, name);
  }
});

