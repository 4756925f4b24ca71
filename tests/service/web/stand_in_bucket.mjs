// A bucket in memory on an origin of its own: signed URLs that expire, ranges, CORS, uploads by form, by PUT and in parts.
// It knows what a browser does with a bucket, not the S3 protocol; LocalEndpoint is there for that.
import { createHmac, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

const secret = randomBytes(16);
const sign = (text) => createHmac('sha256', secret).update(text).digest('hex');

/** @returns {Promise<Buffer>} */
export async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export const formOf = (request, body) =>
  new Response(body, { headers: { 'Content-Type': request.headers['content-type'] } }).formData();

export class Bucket {
  objects = new Map(); // key -> {bytes, contentType}
  #server = createServer((request, answer) =>
    this.#serve(request, answer).catch(() => answer.destroy())); // the client went away in the middle

  async listen(allowedOrigin) {
    this.allowedOrigin = allowedOrigin;
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** A URL for one method on one key; `query` is part of what is signed. */
  signedUrl(method, key, seconds, query = {}) {
    const url = new URL(`/${key}`, this.url);
    const until = String(Date.now() + seconds * 1000);
    for (const [name, value] of Object.entries({ ...query, until })) url.searchParams.set(name, value);
    url.searchParams.set('signature', sign(`${method} ${url.pathname}${url.search}`));
    return url.href;
  }

  form(key, contentType, seconds) {
    const until = String(Date.now() + seconds * 1000);
    const fields = [['key', key], ['Content-Type', contentType], ['until', until]];
    return { url: this.url, fields: [...fields, ['signature', sign(JSON.stringify(fields))]] };
  }

  async #serve(request, answer) {
    answer.setHeader('Access-Control-Allow-Origin', this.allowedOrigin);
    answer.setHeader('Access-Control-Expose-Headers', 'ETag, Content-Range, Content-Length');
    if (request.method === 'OPTIONS') {
      answer.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, PUT, POST');
      answer.setHeader('Access-Control-Allow-Headers', request.headers['access-control-request-headers'] ?? '');
      return answer.writeHead(204).end();
    }
    const body = await bodyOf(request);
    if (request.method === 'POST') return this.#takeForm(request, body, answer);
    const url = new URL(request.url, this.url);
    const signature = url.searchParams.get('signature');
    url.searchParams.delete('signature');
    const valid = signature === sign(`${request.method} ${url.pathname}${url.search}`);
    if (!valid || Number(url.searchParams.get('until')) < Date.now()) return answer.writeHead(403).end();
    const key = decodeURIComponent(url.pathname.slice(1)) + (url.searchParams.has('part') ? `#${url.searchParams.get('part')}` : '');
    if (request.method === 'PUT') return this.#put(key, request, body, answer);
    return this.#get(key, url.searchParams.get('download'), request, answer);
  }

  async #takeForm(request, body, answer) {
    const entries = [...(await formOf(request, body)).entries()];
    const [name, file] = entries.pop();
    const signature = entries.pop()[1];
    const fields = Object.fromEntries(entries);
    const good = name === 'file' && signature === sign(JSON.stringify(entries)) && Number(fields.until) > Date.now();
    if (!good) return answer.writeHead(403).end();
    this.objects.set(fields.key, { bytes: Buffer.from(await file.arrayBuffer()), contentType: fields['Content-Type'] });
    answer.writeHead(204).end();
  }

  #put(key, request, body, answer) {
    this.objects.set(key, { bytes: body, contentType: request.headers['content-type'] ?? '' });
    answer.writeHead(200).end();
  }

  #get(key, download, request, answer) {
    const object = this.objects.get(key);
    if (!object) return answer.writeHead(404).end();
    const size = object.bytes.length;
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    answer.setHeader('Content-Type', object.contentType);
    answer.setHeader('Accept-Ranges', 'bytes');
    if (download) answer.setHeader('Content-Disposition', `attachment; filename="${download}"`);
    if (from === undefined) return answer.writeHead(200, { 'Content-Length': size }).end(object.bytes);
    const last = to ? Math.min(Number(to), size - 1) : size - 1;
    if (Number(from) > last) return answer.writeHead(416).end();
    const part = object.bytes.subarray(Number(from), last + 1);
    answer.writeHead(206, { 'Content-Length': part.length, 'Content-Range': `bytes ${from}-${last}/${size}` }).end(part);
  }
}
