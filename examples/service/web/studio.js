/** Where takes come from: the microphone and dropped files. */
import { newRecordingId } from './audiostore.js';
import { byId, say, setText, show } from './dom.js';
import { sentence, spokenTime, time } from './messages.js';
import { Recorder } from './recorder.js';
import { drawLevels, shapeOfBlob } from './waveform.js';

// Browsers know no type for some files, and the service wants one.
const TYPES = { flac: 'audio/flac', m4a: 'audio/mp4', mp3: 'audio/mpeg', ogg: 'audio/ogg',
                opus: 'audio/ogg', wav: 'audio/wav', webm: 'audio/webm' };

export class Studio {
  #outbox;
  #projects;
  #recorder = null;
  #starting = false;
  #levels = [];

  /** @param {import('./outbox.js').Outbox} outbox @param {import('./projects.js').Projects} projects */
  constructor(outbox, projects) {
    this.#outbox = outbox;
    this.#projects = projects;
    byId('record').addEventListener('click', () => (this.#recorder ? this.stop() : this.#start()));
    byId('files').addEventListener('change', ({ target }) => this.#addFiles([...target.files]).then(() => (target.value = '')));
    projects.addEventListener('chosen', () => this.#enable());
    new ResizeObserver(() => this.#draw()).observe(byId('levels'));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
    this.#acceptDrops();
    this.#enable();
  }

  get isRecording() {
    return this.#recorder !== null;
  }

  get #place() {
    return { userId: this.#outbox.userId, projectId: this.#projects.id };
  }

  /** Ends the take, which then goes its way. */
  async stop() {
    await this.#recorder?.stop();
  }

  async #start() {
    const place = this.#place; // where it was begun, whatever is chosen meanwhile
    if (this.#starting) return; // not disabled meanwhile: that would take the focus from the button
    this.#starting = true;
    show(byId('record-problem'), '');
    try {
      this.#levels = [];
      this.#recorder = await Recorder.start((level) => this.#hear(level));
    } catch (error) {
      return show(byId('record-problem'), sentence(error));
    } finally {
      this.#starting = false;
    }
    this.#present();
    say('Recording.');
    const { blob, durationSeconds, peaks } = await this.#recorder.finished;
    this.#recorder = null;
    this.#present();
    say(`Recorded ${spokenTime(durationSeconds)}.`);
    await this.#outbox.add({ recordingId: newRecordingId(), ...place, blob, name: '', durationSeconds, peaks });
  }

  #enable() {
    byId('record').disabled = byId('files').disabled = !this.#projects.id;
    this.#present();
  }

  #hear(level) {
    this.#levels.push(level);
    if (this.#levels.length > 2000) this.#levels.splice(0, 1000);
    setText(byId('elapsed'), time(Math.floor(this.#recorder?.seconds ?? 0)));
    this.#draw();
  }

  #draw() {
    drawLevels(byId('levels'), this.#levels);
  }

  #present() {
    const recording = this.isRecording;
    const ready = this.#projects.id ? 'Press to record' : 'Make a project first';
    byId('recorder').classList.toggle('recording', recording);
    byId('record').setAttribute('aria-label', recording ? 'Stop' : 'Record');
    setText(byId('record-hint'), recording ? 'Press to stop' : ready);
    if (recording) return;
    this.#levels = [];
    setText(byId('elapsed'), '0:00');
    this.#draw();
  }

  #acceptDrops() {
    let depth = 0; // enter and leave come for every element on the way
    const over = (change) => byId('drop').classList.toggle('over', (depth = Math.max(0, depth + change)) > 0);
    const withFiles = (handle) => (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      handle(event);
    };
    addEventListener('dragenter', withFiles(() => over(this.#projects.id ? 1 : 0)));
    addEventListener('dragleave', withFiles(() => over(-1)));
    addEventListener('dragover', withFiles(({ dataTransfer }) => (dataTransfer.dropEffect = this.#projects.id ? 'copy' : 'none')));
    addEventListener('drop', withFiles(({ dataTransfer }) => {
      over(-depth);
      this.#addFiles([...dataTransfer.files]);
    }));
  }

  async #addFiles(files) {
    const place = this.#place;
    if (!place.projectId) return;
    const audio = files.filter((file) => typeOf(file));
    const other = files.filter((file) => !typeOf(file)).map(({ name }) => name);
    show(byId('record-problem'), other.length ? `${other.join(', ')}: no audio file. Use WAV, MP3, M4A, Ogg, WebM or FLAC.` : '');
    for (const file of audio) {
      const blob = file.slice(0, file.size, typeOf(file));
      const shape = await shapeOfBlob(blob);
      const { durationSeconds = null, peaks = null } = shape ?? {};
      await this.#outbox.add({ recordingId: newRecordingId(), ...place, blob, name: file.name, durationSeconds, peaks });
    }
    if (audio.length) say(audio.length === 1 ? `${audio[0].name} added.` : `${audio.length} files added.`);
  }
}

function typeOf({ name, type }) {
  if (type.startsWith('audio/')) return type;
  const extension = name.split('.').pop().toLowerCase();
  return type === 'video/webm' ? 'audio/webm' : TYPES[extension] ?? '';
}
