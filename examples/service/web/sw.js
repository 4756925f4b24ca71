// Lets the page open without a network. It keeps the page's own files, and never an answer of the service.
const CACHE = 'page';
const FILES = ['./', 'app.js', 'audiostore.js', 'database.js', 'dom.js', 'icon.svg', 'local_urls.js', 'messages.js', 'outbox.js', 'player.js', 'projects.js',
               'recorder.js', 'requests.js', 'session.js', 'studio.js', 'style.css', 'take_list.js', 'take_row.js', 'takes.css', 'waveform.js'];

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

// The network first, so that nobody is left with yesterday's page.
self.addEventListener('fetch', (event) => {
  const path = new URL(event.request.url).href.split(/[?#]/)[0];
  const own = FILES.some((name) => new URL(name, self.registration.scope).href === path);
  if (event.request.method === 'GET' && own) event.respondWith(fetchAndKeep(event.request));
});

async function fetchAndKeep(request) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  } catch {
    return (await cache.match(request, { ignoreSearch: true })) ?? Response.error();
  }
}
