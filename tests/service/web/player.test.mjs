// One take at a time, on an element that is as slow as a test says.   node --test
import assert from 'node:assert/strict';
import { test } from 'node:test';

class FakeAudio extends EventTarget {
  currentTime = 0;
  duration = NaN;
  paused = true;
  removeAttribute() {}
  pause() {
    this.paused = true;
  }
}
Object.assign(globalThis, { Audio: FakeAudio, requestAnimationFrame: () => 0, cancelAnimationFrame: () => {} });
const { Player } = await import('../../../examples/service/web/player.js');

test('who is interrupted by another take has nothing to complain of; any other failure is told', async () => {
  for (const interruption of [{ code: 'cancelled' }, { name: 'AbortError', code: 20 }]) {
    const player = new Player();
    let interrupt;
    const first = player.toggle('a', () => new Promise((_, reject) => (interrupt = reject)));
    const second = player.toggle('b', async (audio) => (audio.paused = false));
    interrupt(Object.assign(new Error('interrupted'), interruption));
    await Promise.all([first, second]);
    assert.deepEqual([player.state('a'), player.state('b')], ['idle', 'playing']);
  }
  const player = new Player();
  await assert.rejects(player.toggle('a', () => Promise.reject(Object.assign(new Error('gone'), { code: 'not_found' }))), { code: 'not_found' });
  assert.equal(player.state('a'), 'idle');
});
