/** The microphone: what this browser records best, how loud it is, and the take in the end. */

const LEVEL_MS = 50;
// Safari plays MP4 wherever it runs, and WebM only of late; the others record WebM or Ogg with Opus.
const TYPES = ['audio/mp4', 'audio/webm;codecs=opus', 'audio/ogg;codecs=opus'];
const OTHERS = [...TYPES.slice(1), TYPES[0]];

/** @returns {string|undefined} the first type that this browser records */
export function recorderType() {
  const types = navigator.vendor.startsWith('Apple') ? TYPES : OTHERS;
  return types.find((type) => globalThis.MediaRecorder?.isTypeSupported(type));
}

/** @typedef {{blob: Blob, durationSeconds: number, peaks: number[]}} Recorded */

export class Recorder {
  #recorder;
  #stream;
  #context;
  #levels = [];
  #timer = 0;
  #started = 0;
  #chunks = [];
  /** @type {Promise<Recorded>} resolves when recording has ended, also because the microphone went away */
  finished;

  /**
   * Asks for the microphone and records.
   * @param {(level: number) => void} onLevel 0 to 1, some twenty times a second
   * @throws {DOMException} as getUserMedia does
   */
  static async start(onLevel) {
    if (!navigator.mediaDevices || !recorderType()) throw new DOMException('no recording here', 'NotSupportedError');
    // As it sounds: the filters are made for telephone calls, and eat music.
    const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    return new Recorder(await navigator.mediaDevices.getUserMedia({ audio: plain }), onLevel);
  }

  constructor(stream, onLevel) {
    this.#stream = stream;
    this.#recorder = new MediaRecorder(stream, { mimeType: recorderType() });
    this.#recorder.ondataavailable = ({ data }) => this.#chunks.push(data);
    this.finished = new Promise((resolve) => (this.#recorder.onstop = () => resolve(this.#finish())));
    this.#recorder.start(1000);
    this.#started = performance.now();
    this.#meter(onLevel);
  }

  get seconds() {
    return (performance.now() - this.#started) / 1000;
  }

  stop() {
    if (this.#recorder.state !== 'inactive') this.#recorder.stop();
    return this.finished;
  }

  #meter(onLevel) {
    this.#context = new AudioContext();
    const analyser = this.#context.createAnalyser();
    const samples = new Float32Array(analyser.fftSize);
    this.#context.createMediaStreamSource(this.#stream).connect(analyser);
    this.#timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const level = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      this.#levels.push(level);
      onLevel(Math.min(1, level));
    }, LEVEL_MS);
  }

  #finish() {
    const durationSeconds = this.seconds;
    clearInterval(this.#timer);
    this.#context.close();
    this.#stream.getTracks().forEach((track) => track.stop());
    const blob = new Blob(this.#chunks, { type: this.#recorder.mimeType }); // what it was in fact recorded as
    return { blob, durationSeconds, peaks: resample(this.#levels) };
  }
}

/** @param {number[]} levels @returns {number[]} at most 200 of them, the loudest of each stretch */
export function resample(levels, count = 200) {
  const width = Math.max(1, levels.length / count);
  const stretches = Math.min(count, levels.length);
  return Array.from({ length: stretches }, (_, index) =>
    levels.slice(Math.floor(index * width), Math.floor((index + 1) * width)).reduce((a, b) => Math.max(a, b), 0));
}
