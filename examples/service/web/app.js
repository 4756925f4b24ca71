/** The page: one session, one project at a time, its takes. */
import { audioStore, playRecording, playUrl, deleteRecording, uploadRecording } from './audiostore.js';
import { byId, say, show } from './dom.js';
import * as database from './database.js';
import { LocalUrls } from './local_urls.js';
import { sentence, size } from './messages.js';
import { Outbox } from './outbox.js';
import { Player } from './player.js';
import { Projects } from './projects.js';
import { Session } from './session.js';
import { Studio } from './studio.js';
import { TakeList } from './take_list.js';

const store = audioStore();
const session = new Session(store);
const projects = new Projects(store);
const outbox = new Outbox(uploadRecording);
const studio = new Studio(outbox, projects);
const player = new Player();
const localUrls = new LocalUrls(outbox, player);
const list = new TakeList({
  player, outbox,
  stored: (recordingId) => (audio, at) => playRecording(recordingId, { audio, at }),
  local: ({ recordingId, blob }) => (audio, at) => playUrl(audio, localUrls.of(recordingId, blob), at),
  downloadUrl: (recordingId, name) => store.downloadUrl(recordingId, name),
  remove: (recordingId) => deleteRecording(recordingId),
  online: () => session.online,
}, (recordingId) => store.recordingBlob(recordingId));

async function refresh() {
  const { id } = projects;
  if (!session.online || !id) return;
  try {
    const recordings = await store.recordings(id);
    if (id === projects.id) list.setStored(recordings);
    show(byId('list-problem'), '');
  } catch (error) {
    complain(error);
  }
}

function complain(error) {
  if (error.code === 'unauthenticated') session.leave();
  else show(byId('list-problem'), sentence(error));
}

function showPending() {
  list.setPending(outbox.takes.filter(({ projectId }) => projectId === projects.id));
  showRoom();
}

async function showRoom() {
  const room = await database.room().catch(() => null);
  const { length } = outbox.takes;
  const those = length === 1 ? '1 take waits' : `${length} takes wait`;
  const advice = room?.kept ? '' : ' Do not clear the data of this page before uploading is done.';
  const waiting = length ? `${those} on this device.${advice}` : '';
  const space = room ? `Room on this device: ${size(room.free)}` : '';
  show(byId('room'), session.user ? [waiting, space].filter(Boolean).join(' ') : '');
}

session.addEventListener('entered', async ({ detail: user }) => {
  list.clear();
  projects.open(user.id);
  await outbox.open(user.id);
});
session.addEventListener('left', () => {
  outbox.stop();
  player.stop();
  studio.stop();
  list.clear();
  showRoom();
});
session.addEventListener('online', async () => {
  if (!session.user) return;
  outbox.start();
  await projects.refresh().catch(complain);
  await refresh();
});
session.addEventListener('offline', () => {
  outbox.stop();
  showPending();
});
projects.addEventListener('chosen', () => {
  player.stop();
  list.clear();
  showPending();
  refresh();
});
outbox.addEventListener('change', showPending);
outbox.addEventListener('unauthenticated', () => session.leave());
outbox.addEventListener('uploaded', ({ detail: take }) => {
  say('Uploaded.');
  if (take.projectId !== projects.id) return;
  list.addStored(take);
  refresh();
});
document.addEventListener('visibilitychange', () => document.hidden || session.user && session.confirm());
addEventListener('beforeunload', (event) => (studio.isRecording || outbox.hasUnsaved) && event.preventDefault());

navigator.serviceWorker?.register('sw.js').catch(() => {}); // without it the page needs a network to open, no more
session.begin();
