// sharp as a peer. Needs scripts/peers sharp.
//
//   node bench/peers/sharp/peer.mjs loop FORMAT SECONDS IN_FLIGHT FILE...
//     renders the files in turn, fit 512x512, and prints {"per_second", "ms", "bytes", "renders"}.
//   node bench/peers/sharp/peer.mjs convert [WIDTHxHEIGHT]
//     reads lines "IN<tab>OUT", writes OUT in the format of its extension; without a size the
//     pixels stay as they are (for a score, OUT.png).
//
// Every setting but the quality is sharp's default. What one picture may use of the machine
// follows sharp's own rule: one thread with glibc's malloc, all cores with jemalloc preloaded.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(new URL('../../../.peers/sharp/', import.meta.url));
const sharp = require('sharp');

const quality = { jpeg: 80, webp: 75, avif: 65 };

function rendition(file, format, width, height) {
  return sharp(file)
    .autoOrient()
    .resize(width, height, { fit: 'inside', withoutEnlargement: true })
    .toFormat(format, { quality: quality[format] });
}

async function loop(format, seconds, inFlight, ...files) {
  await rendition(files[0], format, 512, 512).toBuffer();
  const start = performance.now();
  const end = start + Number(seconds) * 1000;
  let [renders, bytes] = [0, 0];
  async function one() {
    while (performance.now() < end) {
      const file = files[renders++ % files.length];
      const output = await rendition(file, format, 512, 512).toBuffer();
      bytes += output.length;
    }
  }
  await Promise.all(Array.from({ length: Number(inFlight) }, one));
  const elapsed = performance.now() - start;
  console.log(JSON.stringify({
    per_second: (renders * 1000) / elapsed,
    ms: (elapsed * Number(inFlight)) / renders,
    bytes: Math.round(bytes / renders),
    renders,
  }));
}

async function convert(size) {
  for await (const line of createInterface({ input: process.stdin })) {
    const [from, to] = line.split('\t');
    const format = to.split('.').pop().replace('jpg', 'jpeg');
    const [width, height] = size ? size.split('x').map(Number) : [];
    const output = size ? rendition(from, format, width, height) : sharp(from).toFormat(format);
    await output.toFile(to);
    console.log(to);
  }
}

const commands = { loop, convert };
const [command, ...rest] = process.argv.slice(2);
if (!(command in commands)) {
  console.error('usage: peer.mjs loop FORMAT SECONDS IN_FLIGHT FILE... | convert [WIDTHxHEIGHT]');
  process.exit(2);
}
await commands[command](...rest);
