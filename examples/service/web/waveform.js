/** The shape of a take: found from its bytes, kept, and drawn. */
import * as database from './database.js';
import { resample } from './recorder.js';

const MOST_BYTES = 8 << 20; // decoding makes twenty times as much of it
const STEP = 64; // samples looked at together

/** @typedef {{recordingId: string, peaks: number[], durationSeconds: number}} Shape */

/** @param {Blob} blob @returns {Promise<{peaks: number[], durationSeconds: number}|null>} null where it cannot be decoded */
export async function shapeOfBlob(blob) {
  if (blob.size > MOST_BYTES) return null;
  try {
    const decoded = await new OfflineAudioContext(1, 1, 44100).decodeAudioData(await blob.arrayBuffer());
    return { peaks: resample(loudness(decoded.getChannelData(0))), durationSeconds: decoded.duration };
  } catch {
    return null;
  }
}

function loudness(samples) {
  const levels = new Array(Math.ceil(samples.length / STEP));
  for (let index = 0; index < levels.length; ++index) {
    const stretch = samples.subarray(index * STEP, (index + 1) * STEP);
    levels[index] = stretch.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  }
  return levels;
}

/**
 * From this device, or else from the recording's bytes, one recording after the other.
 * @param {{recordingId: string, size: number}} recording @param {(recordingId: string) => Promise<Blob>} fetchBlob
 * @returns {Promise<Shape|null>}
 */
export async function shapeOf({ recordingId, size }, fetchBlob) {
  const known = await database.get('shapes', recordingId).catch(() => null);
  if (known || size > MOST_BYTES) return known ?? null;
  const found = (turn = turn.then(() => fetchBlob(recordingId)).then(shapeOfBlob, () => null));
  const shape = await found;
  if (!shape) return null;
  await database.put('shapes', { recordingId, ...shape }).catch(() => {});
  return { recordingId, ...shape };
}
let turn = Promise.resolve();

/** @param {string} recordingId */
export const forgetShape = (recordingId) => database.remove('shapes', recordingId).catch(() => {});

const BAR = 3;
const GAP = 2;

/**
 * Bars over the canvas's width; what was played in the accent colour. Without peaks, a row of dots.
 * @param {HTMLCanvasElement} canvas @param {number[]|null} peaks @param {number} played 0 to 1
 */
export function drawShape(canvas, peaks, played) {
  const { context, width, height } = prepare(canvas);
  const { color, accentColor } = getComputedStyle(canvas);
  const count = Math.floor((width + GAP) / (BAR + GAP));
  const loudest = Math.max(0.05, ...(peaks ?? []));
  for (let bar = 0; bar < count; ++bar) {
    const level = peaks?.length ? at(peaks, bar, count) / loudest : 0;
    context.fillStyle = (bar + 0.5) / count <= played ? accentColor : color;
    drawBar(context, bar * (BAR + GAP), height, level);
  }
}

/** The level now at the right, the past to its left. @param {HTMLCanvasElement} canvas @param {number[]} levels */
export function drawLevels(canvas, levels) {
  const { context, width, height } = prepare(canvas);
  const { color, accentColor } = getComputedStyle(canvas);
  const count = Math.floor((width + GAP) / (BAR + GAP));
  for (let bar = 0; bar < count; ++bar) {
    const level = levels[levels.length - count + bar];
    context.fillStyle = level === undefined ? color : accentColor;
    drawBar(context, bar * (BAR + GAP), height, Math.sqrt(level ?? 0));
  }
}

const at = (peaks, bar, count) => {
  const from = Math.floor((bar * peaks.length) / count);
  const to = Math.max(from + 1, Math.floor(((bar + 1) * peaks.length) / count));
  return Math.max(...peaks.slice(from, to));
};

function drawBar(context, x, height, level) {
  const tall = Math.max(BAR, level * height);
  context.beginPath();
  context.roundRect(x, (height - tall) / 2, BAR, tall, BAR / 2);
  context.fill();
}

/** Sharp on every display, and empty. */
function prepare(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext('2d');
  context.scale(scale, scale);
  return { context, width, height };
}
