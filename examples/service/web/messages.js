/** Words for people: what happened and what to do, sizes, times. */

const WORDS = {
  network: ['The service could not be reached.', 'Check your connection. Takes stay on this device and go up when it is back.'],
  timed_out: ['The service did not answer in time.', 'It is tried again by itself; the take stays on this device.'],
  unavailable: ['The service is not available just now.', 'It is tried again by itself; the take stays on this device.'],
  internal: ['The service had a fault.', 'Try again; if it stays, tell whoever runs the service.'],
  busy: ['The service has too much to do.', 'It is tried again by itself; the take stays on this device.'],
  rate_limited: ['Too many requests in a short time.', 'Wait a minute, then try again.'],
  unauthenticated: ['You are not logged in.', 'Log in with your token; takes on this device are kept.'],
  permission_denied: ['You may not do that.', 'Ask the owner of the project, or log in as somebody else.'],
  origin_refused: ['The service does not know this page.', 'Open the page under the address that the service is set up for.'],
  not_found: ['That is no longer there.', 'It may have been deleted elsewhere. Reload the page.'],
  already_exists: ['There is another recording under this id.', 'Save the take to disk, discard it here, and add it as a file.'],
  conflict: ['The upload was disturbed by another one.', 'Try again.'],
  too_large: ['The file is larger than the service takes.', 'Save it in a compressed format, or cut it into pieces.'],
  unsupported_media_type: ['This is no kind of audio that the service takes.', 'Use WAV, MP3, M4A, Ogg, WebM or FLAC.'],
  no_space: ['The storage is full.', 'Tell whoever runs the service; the take stays on this device.'],
  unsaved: ['There is no room for this take on this device.', 'It lives in this tab only: keep the tab open until it is uploaded, or save it to disk.'],
  unplayable: ['This browser cannot play this kind of recording.', 'Download it and play it in another program.'],
  NotAllowedError: ['The microphone is blocked for this page.', 'Allow it beside the address of the page, then record again.'],
  NotFoundError: ['There is no microphone.', 'Connect one, then record again.'],
  NotReadableError: ['The microphone is in use by another program.', 'Close that program, then record again.'],
  NotSupportedError: ['This browser cannot record here.', 'Open the page over https in a current browser, or add a file.'],
};

/** @param {{code?: string, name?: string, message: string}} error @returns {{what: string, todo: string}} */
export function explain(error) {
  const known = WORDS[error.code] ?? WORDS[error.name];
  const [what, todo] = known ?? [error.message, 'Try again; if it stays, tell whoever runs the service.'];
  return { what, todo };
}

/** @param {{code?: string, name?: string, message: string}} error */
export const sentence = (error) => Object.values(explain(error)).join(' ');

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  const amount = bytes / 1000 ** power;
  return `${amount.toFixed(amount < 10 ? 1 : 0)} ${['B', 'kB', 'MB', 'GB', 'TB'][power]}`;
}

/** @param {number} seconds @returns {string} 0:03, 12:41, 1:02:03 */
export function time(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, '0');
  return hours ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** @param {number} seconds @returns {string} for ears: "1 minute 3 seconds" */
export function spokenTime(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const count = (number, word) => `${number} ${word}${number === 1 ? '' : 's'}`;
  return [whole >= 60 && count(Math.floor(whole / 60), 'minute'), count(whole % 60, 'second')].filter(Boolean).join(' ');
}

/** @param {string} date RFC 3339 @returns {string} "Today, 14:03" */
export function day(date, now = new Date()) {
  const then = new Date(date);
  const clock = then.toLocaleTimeString([], { hour: 'numeric', minute: '2-digit' });
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  if (then >= midnight) return `Today, ${clock}`;
  if (then >= midnight - 86_400_000) return `Yesterday, ${clock}`;
  const year = then.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  return `${then.toLocaleDateString([], { day: 'numeric', month: 'long', year })}, ${clock}`;
}

const FORMATS = { webm: 'WebM', mp4: 'M4A', 'x-m4a': 'M4A', m4a: 'M4A', mpeg: 'MP3', mp3: 'MP3', ogg: 'Ogg', opus: 'Ogg', wav: 'WAV',
                  'x-wav': 'WAV', wave: 'WAV', flac: 'FLAC', 'x-flac': 'FLAC' };

/** @param {string} contentType @returns {string} "WebM" */
export function format(contentType) {
  const subtype = contentType.split(';')[0].split('/')[1] ?? '';
  return FORMATS[subtype] ?? subtype.toUpperCase();
}
