// A stand-in for audio-service in memory, so that the page can be worked on and tested without a compiler:
//   node stand_in.mjs NAME=TOKEN...      prints the address that it listens on
// WAV goes up by PUT, everything else by form, and from 8 MiB on in parts.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Bucket, bodyOf, formOf } from './stand_in_bucket.mjs';

const MULTIPART_FROM = 8 << 20;
const PART_SIZE = 5 << 20;
const page = new URL('../../../examples/service/web/', import.meta.url);
const types = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8',
                svg: 'image/svg+xml' };

class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}
const notFound = (what) => new Refusal(404, 'not_found', `There is no such ${what}.`);

const looksLikeAudio = (bytes) =>
  ['1a45dfa3', '4f676753', '52494646', '494433', '664c6143', 'fff'].some((magic) => bytes.toString('hex', 0, 4).startsWith(magic)) ||
  bytes.toString('latin1', 4, 8) === 'ftyp';

class StandIn {
  bucket = new Bucket();
  #users; // token -> {id, name}
  #sessions = new Map();
  #projects = [];
  #recordings = [];
  #tickets = new Map();
  #server = createServer((request, answer) => this.#serve(request, answer));

  constructor(users) {
    this.#users = new Map(users.map(([name, token]) => [token, { id: `u-${name}`, name }]));
  }

  async listen() {
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
    await this.bucket.listen(this.url);
  }

  close() {
    this.bucket.close();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #serve(request, answer) {
    const url = new URL(request.url, this.url);
    try {
      if (request.method === 'GET' && !/^\/(api|healthz)/.test(url.pathname)) return await this.#file(url.pathname, answer);
      const body = await bodyOf(request);
      const result = await this.#route(request, url, body, answer);
      answer.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ success: true, ...result }));
    } catch (error) {
      const { status = 500, code = 'internal', message } = error;
      if (status === 500) console.error(error);
      answer.writeHead(status, { 'Content-Type': 'application/json' });
      answer.end(JSON.stringify({ success: false, error: { code, message } }));
    }
  }

  async #file(path, answer) {
    const name = path === '/' ? 'index.html' : path.slice(1);
    if (!/^[a-z_-]+\.(html|js|css|svg)$/.test(name)) return answer.writeHead(404).end();
    const policy = `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; worker-src 'self'; ` +
      `manifest-src 'self'; connect-src 'self' ${this.bucket.url}; media-src 'self' blob: ${this.bucket.url}; ` +
      `base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
    const bytes = await readFile(new URL(name, page)).catch(() => null);
    if (!bytes) return answer.writeHead(404).end();
    answer.writeHead(200, { 'Content-Type': types[name.split('.').pop()], 'Content-Security-Policy': policy,
                            'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-cache' }).end(bytes);
  }

  #route(request, url, body, answer) {
    const json = () => JSON.parse(body.toString() || '{}');
    const [, first, second, third, fourth] = url.pathname.split('/');
    const route = `${request.method} /${[first, second].filter(Boolean).join('/')}`;
    if (route === 'GET /healthz') return { status: 'ok' };
    if (route === 'POST /api/session') return this.#logIn(json(), answer);
    const user = this.#userOf(request);
    switch (route) {
      case 'GET /api/session': return { user };
      case 'DELETE /api/session': return this.#logOut(request, answer);
      case 'GET /api/projects': return third ? this.#list(user, third) : { projects: this.#projects.filter((p) => p.owner === user.id) };
      case 'POST /api/projects': return { project: this.#addProject(user, json().name) };
      case 'POST /api/audio': return third === 'upload' ? this.#upload(user, request, body) : this.#ticket(user, third, fourth, url, json());
      case 'GET /api/audio': return this.#sign(user, url.searchParams);
      case 'DELETE /api/audio': return third === 'ticket' ? this.#dropTicket(user, fourth) : this.#remove(user, json());
      default: throw notFound('endpoint');
    }
  }

  #cookieOf(request) {
    return /audiostore_session=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
  }

  #userOf(request) {
    const user = this.#sessions.get(this.#cookieOf(request));
    if (!user) throw new Refusal(401, 'unauthenticated', 'Log in with your token.');
    if (request.method !== 'GET' && request.headers.origin !== this.url)
      throw new Refusal(403, 'origin_refused', 'This page may not do that.');
    return user;
  }

  #logIn({ token }, answer) {
    const user = this.#users.get(token);
    if (!user) throw new Refusal(401, 'unauthenticated', 'Nobody has this token.');
    const id = randomBytes(16).toString('hex');
    this.#sessions.set(id, user);
    answer.setHeader('Set-Cookie', `audiostore_session=${id}; HttpOnly; SameSite=Strict; Path=/`);
    return { user };
  }

  #logOut(request, answer) {
    this.#sessions.delete(this.#cookieOf(request));
    answer.setHeader('Set-Cookie', 'audiostore_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0');
    return {};
  }

  #addProject(user, name) {
    if (!name?.trim()) throw new Refusal(400, 'invalid_argument', 'A project needs a name.');
    this.#projects.push({ id: randomUUID(), name: name.trim(), createdAt: new Date().toISOString(), owner: user.id });
    return this.#projects.at(-1);
  }

  #project(user, id) {
    const project = this.#projects.find((p) => p.id === id && p.owner === user.id);
    if (!project) throw notFound('project');
    return project;
  }

  #list(user, projectId) {
    this.#project(user, projectId);
    return { recordings: this.#recordings.filter((r) => r.projectId === projectId).reverse() };
  }

  #recording(user, { recordingId, key }) {
    const found = this.#recordings.find((r) => r.owner === user.id && (r.recordingId === recordingId || r.key === key));
    if (!found) throw notFound('recording');
    return found;
  }

  async #upload(user, request, body) {
    const form = await formOf(request, body);
    const names = [...form.keys()];
    if (names.indexOf('file') !== names.length - 1) throw new Refusal(400, 'invalid_argument', 'The file comes last.');
    const fields = Object.fromEntries(form.entries());
    const bytes = Buffer.from(await fields.file.arrayBuffer());
    return this.#keep(user, { ...fields, contentType: fields.contentType ?? fields.file.type }, bytes);
  }

  #keep(user, { projectId, recordingId, contentType }, bytes) {
    this.#project(user, projectId);
    if (!looksLikeAudio(bytes)) throw new Refusal(415, 'unsupported_media_type', 'The bytes are not audio.');
    const digest = createHash('sha256').update(bytes).digest('hex');
    const key = `users/${user.id}/projects/${projectId}/recordings/${recordingId}.audio`;
    const known = this.#recordings.find((r) => r.recordingId === recordingId);
    if (known && (known.digest !== digest || known.owner !== user.id))
      throw new Refusal(409, 'already_exists', 'There is another recording under this id.');
    this.bucket.objects.set(key, { bytes, contentType: contentType.split(';')[0] });
    const recording = known ?? { recordingId, projectId, key, size: bytes.length, contentType, durationSeconds: null,
                                 createdAt: new Date().toISOString(), owner: user.id, digest };
    if (!known) this.#recordings.push(recording);
    return { ...this.#link(recording, {}), key, size: bytes.length, contentType, recordingId };
  }

  #link({ key }, { expiresIn = 3600, download }) {
    const expiresAt = new Date(Date.now() + expiresIn * 1000).toISOString();
    return { url: this.bucket.signedUrl('GET', key, expiresIn, download ? { download } : {}), expiresIn, expiresAt };
  }

  #sign(user, query) {
    const { expiresIn = 3600, download, ...which } = Object.fromEntries(query);
    return this.#link(this.#recording(user, which), { expiresIn: Number(expiresIn), download });
  }

  #remove(user, which) {
    const recording = this.#recording(user, which);
    this.bucket.objects.delete(recording.key);
    this.#recordings = this.#recordings.filter((r) => r !== recording);
    return { message: 'The recording is gone.' };
  }

  #ticket(user, kind, id, url, body) {
    if (kind !== 'ticket') throw notFound('endpoint');
    const [action] = url.pathname.split('/').slice(5);
    if (!id) return { ticket: this.#newTicket(user, body) };
    const ticket = this.#ticketOf(user, id);
    return action === 'parts' ? this.#signParts(ticket, body) : this.#complete(user, ticket);
  }

  #ticketOf(user, id) {
    const ticket = this.#tickets.get(id);
    if (ticket?.owner !== user.id) throw notFound('ticket');
    return ticket;
  }

  #newTicket(user, { projectId, recordingId, size, contentType }) {
    this.#project(user, projectId);
    const id = randomUUID();
    const staging = `staging/${id}`;
    const mode = size >= MULTIPART_FROM ? 'multipart' : contentType === 'audio/wav' ? 'put' : 'post';
    const shape = { post: () => this.bucket.form(staging, contentType, 900),
                    put: () => ({ url: this.bucket.signedUrl('PUT', staging, 900), headers: { 'Content-Type': contentType } }),
                    multipart: () => ({ partSize: PART_SIZE, partCount: Math.ceil(size / PART_SIZE) }) }[mode]();
    this.#tickets.set(id, { id, owner: user.id, projectId, recordingId, size, contentType, staging, ...shape });
    return { id, mode, expiresAt: new Date(Date.now() + 900_000).toISOString(), ...shape };
  }

  #signParts({ staging }, { partNumbers }) {
    return { parts: partNumbers.map((partNumber) => ({
      partNumber, headers: {}, url: this.bucket.signedUrl('PUT', staging, 900, { part: partNumber }) })) };
  }

  #complete(user, ticket) {
    const { staging, partCount, size } = ticket;
    const keys = partCount ? Array.from({ length: partCount }, (_, index) => `${staging}#${index + 1}`) : [staging];
    const bytes = Buffer.concat(keys.map((key) => this.bucket.objects.get(key)?.bytes ?? Buffer.alloc(0)));
    if (bytes.length !== size) throw new Refusal(409, 'conflict', 'The upload is not whole.');
    for (const key of keys) this.bucket.objects.delete(key);
    return this.#keep(user, ticket, bytes);
  }

  #dropTicket(user, id) {
    const { staging } = this.#ticketOf(user, id);
    for (const key of this.bucket.objects.keys()) if (key.startsWith(staging)) this.bucket.objects.delete(key);
    this.#tickets.delete(id);
    return { message: 'The ticket is void.' };
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const standIn = new StandIn(process.argv.slice(2).map((pair) => pair.split('=')));
  await standIn.listen();
  console.log(standIn.url);
}
